# A new dialog is found when the test binary is linked again.
file(GLOB_RECURSE dialogs CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/dialogs/*.dialog)
privet_test(dialog_test OPTIMISED
  LIBRARIES privet_server OpenSSL::SSL
  SOURCES
    dialogs/dialog.cc
    dialogs/dialog_test.cc
    dialogs/runner.cc
    support/peer.cc
)
set_property(TARGET dialog_test APPEND PROPERTY LINK_DEPENDS ${dialogs})

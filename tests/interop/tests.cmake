# Real mail servers and clients against the binary; README.md says what each needs.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
set(smtp_units commands faults notice refusals secrets tls)
if(NOT PRIVET_SANITIZE)  # clients and servers of many kinds, and the same few paths through the code
  list(APPEND smtp_units composers curl matrix msmtp nodemailer swaks upstreams)
endif()
foreach(unit ${smtp_units})
  add_test(NAME "interop: ${unit}"
    COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/interop/${unit}_test.py)
  set_tests_properties("interop: ${unit}" PROPERTIES LABELS interop TIMEOUT 1800
    ENVIRONMENT "PRIVET=$<TARGET_FILE:privet>;PRIVET_NODE=${CMAKE_BINARY_DIR}/interop_node;PRIVET_SERVERS=${CMAKE_SOURCE_DIR}/build/interop_servers")
endforeach()

if(NOT PRIVET_SANITIZE)  # their runtimes want to be loaded before anything that is preloaded
  add_test(NAME "interop: kill" COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/interop/kill_test.py)
  set_tests_properties("interop: kill" PROPERTIES LABELS interop TIMEOUT 1800
    ENVIRONMENT "PRIVET=$<TARGET_FILE:privet>;PRIVET_FAULTY_DISK=$<TARGET_FILE:privet_faulty_disk>")
endif()

# The filtered view as a whole, against a Dovecot whose mailbox holds nothing else.
foreach(unit condstore oracle traps)
  add_test(NAME "interop: imap ${unit}"
    COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/interop/imap_${unit}_test.py)
  set_tests_properties("interop: imap ${unit}" PROPERTIES LABELS interop TIMEOUT 1800 ENVIRONMENT "PRIVET=$<TARGET_FILE:privet>")
endforeach()

# These drive what the oracle and the session tests reach as well: under a sanitizer they would only take their time.
if(NOT PRIVET_SANITIZE)
  # What the IMAP view answers by itself about a redacted message, against Dovecot.
  add_executable(imap_answers interop/imap_answers.cc)
  target_link_libraries(imap_answers PRIVATE privet_imap)
  foreach(unit envelope header_search rendition)
    add_test(NAME "interop: imap ${unit}"
      COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/interop/imap_${unit}_test.py)
    set_tests_properties("interop: imap ${unit}" PROPERTIES LABELS interop TIMEOUT 1800
      ENVIRONMENT "PRIVET=$<TARGET_FILE:privet>;PRIVET_IMAP_ANSWERS=$<TARGET_FILE:imap_answers>")
  endforeach()

  # Sync engines and mail clients that read the filtered view.
  foreach(unit clients fetchers libraries readers write)
    add_test(NAME "interop: imap ${unit}"
      COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/interop/imap_${unit}_test.py)
    set_tests_properties("interop: imap ${unit}" PROPERTIES LABELS interop TIMEOUT 1800
      ENVIRONMENT "PRIVET=$<TARGET_FILE:privet>;PRIVET_NODE=${CMAKE_BINARY_DIR}/interop_node")
  endforeach()
endif()

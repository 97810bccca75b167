# A short run; README.md says how to make a long one.
add_test(NAME "chaos: kill"
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/chaos/kill.py --seconds 8 --interval 1 --clients 8)
set_tests_properties("chaos: kill" PROPERTIES LABELS chaos TIMEOUT 600 ENVIRONMENT "PRIVET=$<TARGET_FILE:privet>")

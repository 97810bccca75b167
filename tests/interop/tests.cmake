# Real mail servers and clients against the binary; README.md says what each needs.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
foreach(unit commands composers curl faults matrix msmtp nodemailer notice refusals secrets swaks tls upstreams)
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

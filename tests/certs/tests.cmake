privet_test(certs_test
  LIBRARIES privet_certs OpenSSL::SSL
  SOURCES
    certs/authority_test.cc
    certs/store_test.cc
)

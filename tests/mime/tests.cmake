privet_test(mime_test
  LIBRARIES privet_mime
  SOURCES
    mime/addr_spec_test.cc
    mime/address_test.cc
    mime/charset_test.cc
    mime/domain_test.cc
    mime/encoded_word_test.cc
    mime/header_test.cc
)

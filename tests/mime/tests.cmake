privet_test(mime_test PURE
  LIBRARIES privet_notice ${MIMETIC}
  SOURCES
    mime/addr_spec_test.cc
    mime/address_scan_test.cc
    mime/address_test.cc
    mime/charset_test.cc
    mime/content_type_test.cc
    mime/domain_test.cc
    mime/encoded_word_test.cc
    mime/golden_test.cc
    mime/header_test.cc
    mime/html_test.cc
    mime/inspection_test.cc
    mime/notice_test.cc
    mime/redaction_test.cc
    mime/rendition_test.cc
    mime/structure_oracle_test.cc
    mime/structure_test.cc
    mime/transfer_encoding_test.cc
)

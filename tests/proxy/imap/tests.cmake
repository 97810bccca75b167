privet_test(imap_test PURE LIBRARIES privet_imap_text SOURCES
  proxy/imap/address_list_test.cc
  proxy/imap/bitmap_test.cc
  proxy/imap/capability_test.cc
  proxy/imap/casemap_test.cc
  proxy/imap/command_frame_test.cc
  proxy/imap/command_reader_test.cc
  proxy/imap/command_test.cc
  proxy/imap/date_time_test.cc
  proxy/imap/envelope_test.cc
  proxy/imap/fetch_data_test.cc
  proxy/imap/fetch_item_test.cc
  proxy/imap/fetch_plan_test.cc
  proxy/imap/fetch_response_test.cc
  proxy/imap/folders_test.cc
  proxy/imap/header_field_test.cc
  proxy/imap/header_search_test.cc
  proxy/imap/mailbox_name_test.cc
  proxy/imap/rendition_test.cc
  proxy/imap/response_frame_test.cc
  proxy/imap/response_reader_test.cc
  proxy/imap/response_test.cc
  proxy/imap/search_key_test.cc
  proxy/imap/search_test.cc
  proxy/imap/search_write_test.cc
  proxy/imap/section_test.cc
  proxy/imap/selection_test.cc
  proxy/imap/sequence_set_test.cc
  proxy/imap/view_model_test.cc
  proxy/imap/view_test.cc
  proxy/imap/write_test.cc
)
# Whole sessions, their client and upstream played by the test.
privet_test(imap_session_test LIBRARIES privet_server OpenSSL::SSL SOURCES
  proxy/imap/session_search_test.cc
  proxy/imap/session_test.cc
  support/peer.cc
)

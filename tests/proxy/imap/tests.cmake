privet_test(imap_test LIBRARIES privet_imap SOURCES
  proxy/imap/bitmap_test.cc
  proxy/imap/date_time_test.cc
  proxy/imap/fetch_data_test.cc
  proxy/imap/fetch_response_test.cc
  proxy/imap/response_frame_test.cc
  proxy/imap/response_reader_test.cc
  proxy/imap/response_test.cc
  proxy/imap/search_test.cc
  proxy/imap/selection_test.cc
  proxy/imap/sequence_set_test.cc
  proxy/imap/view_model_test.cc
  proxy/imap/view_test.cc
)

privet_test(imap_test LIBRARIES privet_imap SOURCES
  proxy/imap/bitmap_test.cc
  proxy/imap/response_frame_test.cc
)

privet_test(smtp_test PURE LIBRARIES privet_smtp SOURCES
  proxy/proxy_header_test.cc
  proxy/base64_test.cc
  proxy/smtp/chunk_test.cc
  proxy/smtp/command_test.cc
  proxy/smtp/content_test.cc
  proxy/smtp/envelope_rules_test.cc
  proxy/smtp/extension_test.cc
  proxy/smtp/hops_test.cc
  proxy/smtp/parameter_test.cc
  proxy/smtp/path_test.cc
  proxy/smtp/reply_test.cc
  proxy/sasl_test.cc
  proxy/smtp/sequence_test.cc
  proxy/text_test.cc
  proxy/smtp/xclient_test.cc
)

privet_test(net_test OPTIMISED LIBRARIES privet_net OpenSSL::SSL SOURCES
  proxy/net/connect_test.cc
  proxy/net/gate_test.cc
  proxy/net/listener_test.cc
  proxy/net/resolver_test.cc
  proxy/net/stream_test.cc
  proxy/net/task_test.cc
  proxy/net/tls_test.cc
  support/name_server.cc
  support/peer.cc
)
# It watches the allocator with one of its own; sanitizers bring theirs.
if(NOT PRIVET_SANITIZE)
  privet_test(secret_test OPTIMISED LIBRARIES privet_net OpenSSL::SSL SOURCES proxy/net/secret_test.cc)
endif()
privet_test(proxy_test LIBRARIES privet_server OpenSSL::SSL SOURCES
  proxy/config_test.cc
  proxy/explain_test.cc
  proxy/guard_test.cc
  proxy/log_test.cc
  proxy/notice_limiter_test.cc
  proxy/queue_test.cc
  proxy/server_test.cc
  proxy/slow_upstream_test.cc
  proxy/smtp/content_buffer_test.cc
  proxy/line_test.cc
  proxy/smtp/owed_test.cc
  proxy/route_test.cc
  proxy/smtp/session_test.cc
  support/name_server.cc
  support/peer.cc
)
# What becomes of originals and copies when something fails, named by the field rules' cases.
privet_test(split_test LIBRARIES privet_server OpenSSL::SSL SOURCES
  proxy/smtp/report_test.cc
  proxy/split/copy_test.cc
  proxy/split/original_test.cc
  support/faulty_disk.cc
  support/peer.cc
)
# Whole sessions against an upstream that writes down every byte.
privet_test(session_test LIBRARIES privet_server OpenSSL::SSL SOURCES
  proxy/smtp/announcements_test.cc
  proxy/smtp/floods_test.cc
  proxy/smtp/smuggling_test.cc
  proxy/smtp/vanishing_test.cc
  support/peer.cc
  support/upstream.cc
)

# Reads the source tree; belongs to no folder of it.
privet_test(layering_test PURE SOURCES layering_test.cc)
privet_test(spool_test LIBRARIES privet_spool SOURCES
  proxy/spool/browse_test.cc
  proxy/spool/fault_test.cc
  proxy/spool/record_test.cc
  proxy/spool/recovery_test.cc
  proxy/spool/spool_test.cc
  support/faulty_disk.cc
)
privet_test(state_test LIBRARIES privet_state SOURCES
  proxy/state/database_file_test.cc
  proxy/state/operations_test.cc
  proxy/state/sqlite_store_test.cc
  proxy/state/sqlite_test.cc
  proxy/state/uid_validity_test.cc
)
# To be preloaded into a program under test.
add_library(privet_faulty_disk MODULE support/faulty_disk.cc)

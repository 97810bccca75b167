privet_test(smtp_test LIBRARIES privet_smtp SOURCES
  proxy/smtp/base64_test.cc
  proxy/smtp/command_test.cc
  proxy/smtp/content_test.cc
  proxy/smtp/extension_test.cc
  proxy/smtp/parameter_test.cc
  proxy/smtp/path_test.cc
  proxy/smtp/reply_test.cc
  proxy/smtp/sasl_test.cc
  proxy/smtp/sequence_test.cc
  proxy/smtp/text_test.cc
)

# Reads the source tree; belongs to no folder of it.
privet_test(layering_test SOURCES layering_test.cc)

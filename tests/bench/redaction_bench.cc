// Micro-benchmarks of what a split costs beside the wire: reading content, deciding and redacting. Times are
// of one call; compare runs of one machine only. build/release/tests/redaction_bench
#include <benchmark/benchmark.h>

#include <string>

#include "mime/address.h"
#include "policy/split.h"
#include "policy/tenant_file.h"
#include "proxy/smtp/content.h"

namespace privet {
namespace {

const policy::Tenant& tenant() {
  static const policy::Tenant made = [] {
    const auto no_files = [](const std::string&) -> Result<std::string> { return failure("no files here"); };
    const auto loaded = policy::load_tenant(
        "privet: 1\ntenant: acme\ndomains: [acme.example]\nupstream: {smtp: {maildir: mail}}\n"
        "crm: [{profile: pipedrive, addresses: [acme@pipedrivemail.com]}]\n"
        "lists: {blocked: [steuer@kanzlei.example], customers: [bigco.example]}\n"
        "rules: [{when: {any: customers}, do: share}]\n",
        "acme.yaml", no_files);
    return loaded.value().tenant;
  }();
  return made;
}

mime::Envelope envelope() {
  return {.reverse_path = "anna@acme.example",
          .recipients = {"bob@bigco.example", "carl@acme.example"},
          .crm_recipients = {"acme@pipedrivemail.com"}};
}

std::string header(const std::string& content_type) {
  return "Received: from laptop by mail.acme.example for <bob@bigco.example>; Mon, 1 Jun 2026 10:00:00 "
         "+0200\r\n"
         "Date: Mon, 1 Jun 2026 10:00:00 +0200\r\nFrom: =?utf-8?q?Anna_M=C3=BCller?= <anna@acme.example>\r\n"
         "To: \"Bob, Builder\" <bob@bigco.example>\r\nCc: Carl Colleague <carl@acme.example>,\r\n"
         " Dora <dora@acme.example>\r\nSubject: =?utf-8?b?QW5nZWJvdCBmw7xyIFNpZQ==?=\r\n"
         "Message-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\nContent-Type: " +
         content_type + "\r\n";
}

std::string repeated(const std::string& line, std::size_t size) {
  std::string text;
  while (text.size() < size) text += line;
  return text;
}

std::string plain_mail(std::size_t size) {
  return header("text/plain; charset=utf-8") + "\r\n" +
         repeated("All work and no play makes Jack a dull boy, said the line of a letter.\r\n", size);
}

std::string mail_with_attachment(std::size_t size) {
  const std::string encoded = repeated(std::string(76, 'A') + "\r\n", size);
  return header("multipart/mixed; boundary=b1") +
         "\r\n--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
         "<p>Dear Bob, see <a href=\"mailto:bob@bigco.example\">here</a></p>\r\n" +
         "\r\n--b1\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded +
         "\r\n--b1--\r\n";
}

void split_one(benchmark::State& state, const std::string& content) {
  for (auto _ : state) {
    const auto split = policy::split(tenant(), envelope(), content, "<1@privet.test>");
    if (split.copies.front().withheld()) state.SkipWithError("withheld");
    benchmark::DoNotOptimize(split);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * content.size()));
}

void SplitPlainText(benchmark::State& state) {
  split_one(state, plain_mail(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(SplitPlainText)->Arg(2 << 10)->Arg(64 << 10)->Arg(1 << 20);

void SplitWithAttachment(benchmark::State& state) {
  split_one(state, mail_with_attachment(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(SplitWithAttachment)->Arg(64 << 10)->Arg(20 << 20);

void ReadAddressList(benchmark::State& state) {
  std::string value;
  for (int i = 0; i < state.range(0); ++i)
    value += (i > 0 ? ",\r\n " : " ") + ("Person <p" + std::to_string(i)) + "@bigco.example>";
  for (auto _ : state) benchmark::DoNotOptimize(mime::parse_address_list(value));
}
BENCHMARK(ReadAddressList)->Arg(1)->Arg(1000);

template <smtp::ContentDecoder::Form form>
void DecodeContent(benchmark::State& state) {
  const std::string wire = plain_mail(1 << 20) + ".\r\n";
  for (auto _ : state) {
    smtp::ContentDecoder decoder(form);
    std::size_t bytes = 0;
    decoder.feed(wire, [&](std::string_view piece) { bytes += piece.size(); });
    benchmark::DoNotOptimize(bytes);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * wire.size()));
}
BENCHMARK(DecodeContent<smtp::ContentDecoder::Form::Wire>);
BENCHMARK(DecodeContent<smtp::ContentDecoder::Form::Decoded>);

}  // namespace
}  // namespace privet

BENCHMARK_MAIN();

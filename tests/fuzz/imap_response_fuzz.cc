// A hostile upstream's response: what is read from it, written for a client, is one response again that says
// the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/imap/response.h"
#include "proxy/imap/response_frame.h"
#include "proxy/imap/write.h"

namespace {

using namespace privet::imap;

/// The only response in `wire`, as a T.
template <class T>
T read(std::string_view wire) {
  ResponseFramer framer(wire.size());
  const auto [used, state] = framer.feed(wire);
  if (state != Framing::Complete || used != wire.size()) __builtin_trap();
  privet::Result<Response> response = parse_response(framer.frame());
  if (!response || !std::holds_alternative<T>(*response)) __builtin_trap();
  return std::get<T>(*std::move(response));
}

template <class Write>
std::string written(Write write) {
  std::string out;
  Writer writer(out, LiteralForm::Response);
  write(writer);
  writer.end();
  return out;
}

void check(const Status& status) {
  const std::string wire =
      written([&](Writer& writer) { writer.tag(status.tag).words(" OK ").text(status.text); });
  if (read<Status>(wire).condition != Condition::Ok) __builtin_trap();
}

void check(const List& list) {
  const std::string wire = written([&](Writer& writer) {
    const std::string_view delimiter(&list.delimiter, 1);
    writer.words("* LIST ")
        .flags(list.attributes)
        .words(" ")
        .string(delimiter)
        .words(" ")
        .astring(list.mailbox);
  });
  const List again = read<List>(wire);
  if (again.mailbox != list.mailbox || again.delimiter != list.delimiter) __builtin_trap();
}

/// True when both are there or none is, and if so as long: a byte may have become "?".
bool alike(std::optional<std::string_view> a, std::optional<std::string_view> b) {
  return a.has_value() == b.has_value() && (!a || a->size() == b->size());
}

void check(const Fetch& fetch) {
  const FetchData& data = fetch.data;
  std::string scratch;
  const std::string wire = written([&](Writer& writer) {
    writer.words("* ").number(fetch.number).words(" FETCH (");
    if (data.envelope) writer.words("ENVELOPE ").expression(*data.envelope).words(" ");
    if (data.body) writer.words("BODY ").expression(*data.body).words(" ");
    if (data.body_structure) writer.words("BODYSTRUCTURE ").expression(*data.body_structure).words(" ");
    for (const FetchedSection& section : data.sections) {
      writer.words("BODY[").expression(section.spec).words("] ").literal(section.value(scratch)).words(" ");
    }
    if (data.internal_date) writer.words("INTERNALDATE ").string(*data.internal_date).words(" ");
    if (data.flags) writer.words("FLAGS ").flags(*data.flags).words(" ");
    writer.words("UID ").number(data.uid.value_or(1)).words(")");
  });
  const Fetch again = read<Fetch>(wire);
  if (again.number != fetch.number || again.data.uid != data.uid.value_or(1)) __builtin_trap();
  if (!alike(again.data.envelope, data.envelope) || !alike(again.data.body, data.body)) __builtin_trap();
  if (!alike(again.data.body_structure, data.body_structure)) __builtin_trap();
  if (again.data.sections.size() != data.sections.size()) __builtin_trap();
  for (std::size_t i = 0; i < data.sections.size(); ++i) {
    if (again.data.sections[i].bytes != data.sections[i].value(scratch)) __builtin_trap();
    if (again.data.sections[i].size != data.sections[i].size) __builtin_trap();
  }
  for (const auto& list : {data.body, data.body_structure}) {
    if (list) body_structure_has_message(*list);
  }
}

template <class Other>
void check(const Other& /*other*/) {}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  body_structure_has_message(text);
  const privet::Result<Response> response = parse_response({.text = text});
  if (response) std::visit([](const auto& value) { check(value); }, *response);
  return 0;
}

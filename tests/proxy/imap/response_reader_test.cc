#include "proxy/imap/response_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/limits.h"

namespace privet::imap {
namespace {

TEST(ResponseReader, FindsWhereValuesEnd) {
  using Kind = Value::Kind;
  struct {
    std::string_view name, text, raw, bytes;
    Kind kind;
  } const kRows[] = {
      {"Atom", "abc def", "abc", "abc", Kind::Atom},
      {"AtomInAList", "abc) def", "abc", "abc", Kind::Atom},
      {"Nil", " nil)", "nil", "", Kind::Nil},
      {"Quoted", R"("a (\" \\" x)", R"("a (\" \\")", R"(a (\" \\)", Kind::Quoted},
      {"Literal", "{3}\r\na)\n)", "{3}\r\na)\n", "a)\n", Kind::Literal},
      {"Literal8", "~{3}\r\na)\n)", "~{3}\r\na)\n", "a)\n", Kind::Literal},
      {"List", "(a (b \")\" {2}\r\n((c)) d", "(a (b \")\" {2}\r\n((c))", "a (b \")\" {2}\r\n((c)",
       Kind::List},
      {"EmptyList", "() x", "()", "", Kind::List},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    ResponseReader reader(Frame{.text = row.text});
    const auto value = reader.value();
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(value->kind, row.kind);
    EXPECT_EQ(value->raw, row.raw);
    if (row.kind != Kind::Nil) EXPECT_EQ(value->bytes, row.bytes);
  }
}

TEST(ResponseReader, RefusesWhatDoesNotEnd) {
  for (const std::string_view text : {"",          " ",           ")",
                                      "(",         "(a",          "((a)",
                                      "\"",        "\"a",         "\"a\\",
                                      "\"a\\\"",   "\"a\nb\"",    "\"a\\\nb\"",
                                      "{3}\r\nab", "{3}",         "{3}\r",
                                      "{3}\nabc",  "{}\r\n",      "{a}\r\n",
                                      "~{",        "{1}{1}\r\na", "{99999999999999999999}\r\n",
                                      "(a\r\n)",   "(a\t)",       "\r\n"}) {
    ResponseReader reader(Frame{.text = text});
    EXPECT_FALSE(reader.value().has_value()) << text;
  }
}

TEST(ResponseReader, RefusesListsThatAreTooDeep) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '(') + std::string(depth, ')'); };
  const std::string allowed = nested(limits::kImapNesting);
  const std::string refused = nested(limits::kImapNesting + 1);
  EXPECT_TRUE(ResponseReader(Frame{.text = allowed}).value().has_value());
  EXPECT_FALSE(ResponseReader(Frame{.text = refused}).value().has_value());
}

}  // namespace
}  // namespace privet::imap

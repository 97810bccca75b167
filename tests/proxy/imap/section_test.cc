#include "proxy/imap/section.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace privet::imap {
namespace {

constexpr std::string_view kHeader = "To: a@b.test\r\nSubject: Hello\r\n there\r\nTO: c@d.test\r\n\r\n";
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
const std::vector<std::string> kTo{"to", "X-Missing", "to"};

TEST(Section, SelectsNamedFieldsInTheirOrder) {
  EXPECT_EQ(select_fields(kHeader, kTo, Fields::Named), "To: a@b.test\r\nTO: c@d.test\r\n\r\n");
  EXPECT_EQ(select_fields(kHeader, std::vector<std::string>{"Cc"}, Fields::Named), "\r\n");
}

TEST(Section, SelectsTheOtherFields) {
  EXPECT_EQ(select_fields(kHeader, kTo, Fields::NotNamed), "Subject: Hello\r\n there\r\n\r\n");
}

TEST(Section, EndsNamedFieldsWithAnEmptyLineAlsoWhereThereIsNone) {
  EXPECT_EQ(select_fields("To: a@b.test", kTo, Fields::Named), "To: a@b.test\r\n\r\n");
  EXPECT_EQ(select_fields("Cc: a@b.test\r\n", kTo, Fields::NotNamed), "Cc: a@b.test\r\n");
}

TEST(Section, AnswersHeaderSections) {
  std::string scratch;
  const auto answer = [&scratch](SectionText text) {
    return header_section(kHeader, {.part = {}, .text = text, .fields = kTo, .spec = {}}, scratch);
  };
  EXPECT_EQ(answer(SectionText::Header), kHeader);
  EXPECT_EQ(answer(SectionText::Mime), kHeader);
  EXPECT_EQ(answer(SectionText::HeaderFields), select_fields(kHeader, kTo, Fields::Named));
  EXPECT_EQ(answer(SectionText::HeaderFieldsNot), select_fields(kHeader, kTo, Fields::NotNamed));
  EXPECT_EQ(answer(SectionText::Text), "");
  EXPECT_EQ(answer(SectionText::All), "");
}

TEST(Section, CutsPartials) {
  EXPECT_EQ(partial_of("hello", std::nullopt), "hello");
  EXPECT_EQ(partial_of("hello", Partial{0, 2}), "he");
  EXPECT_EQ(partial_of("hello", Partial{3, 9}), "lo");
  EXPECT_EQ(partial_of("hello", Partial{5, 1}), "");
  EXPECT_EQ(partial_of("hello", Partial{kMost, kMost}), "");
}

TEST(Section, SplitsRangesOfTheStream) {
  struct Row {
    std::string_view name;
    std::optional<Partial> asked;
    std::string_view header;
    bool text;
    std::optional<Partial> of_text;
  };
  const Row rows[] = {
      {"All", std::nullopt, "12345", true, std::nullopt},
      {"InTheHeader", Partial{1, 3}, "234", false, std::nullopt},
      {"ToTheHeadersEnd", Partial{0, 5}, "12345", false, std::nullopt},
      {"Across", Partial{3, 4}, "45", true, Partial{0, 2}},
      {"FromTheText", Partial{5, 4}, "", true, Partial{0, 4}},
      {"Behind", Partial{105, 4}, "", true, Partial{100, 4}},
      {"ToTheVeryEnd", Partial{4, kMost}, "5", true, Partial{0, kMost - 1}},
      {"FromTheVeryEnd", Partial{kMost, kMost}, "", true, Partial{kMost - 5, kMost}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const StreamRange range = stream_range("12345", row.asked);
    EXPECT_EQ(range.header, row.header);
    EXPECT_EQ(range.text, row.text);
    EXPECT_EQ(range.text_partial, row.of_text);
  }
}

TEST(Section, CorrectsTheSize) {
  EXPECT_EQ(redacted_size(1000, -100), 900u);
  EXPECT_EQ(redacted_size(1000, 100), 1100u);
  EXPECT_EQ(redacted_size(100, -300), 0u);
}

}  // namespace
}  // namespace privet::imap

#include "policy/fold_case.h"

#include <gtest/gtest.h>

namespace privet::policy {
namespace {

TEST(FoldCase, LowersLatinLetters) {
  EXPECT_EQ(fold_case("[PRIVATE] ÀÖØÞ ĀŁŽŸŐ ẞİſ Ạ ǍȘ"), "[private] àöøþ āłžÿő ßis ạ ǎș");
}

TEST(FoldCase, KeepsOtherBytes) {
  EXPECT_EQ(fold_case("×÷ß 日本 😀 \xFF\xC3"), "×÷ß 日本 😀 \xFF\xC3");
  EXPECT_EQ(fold_case("\xE1\xBA"), "\xE1\xBA");
}

}  // namespace
}  // namespace privet::policy

#include "mime/encoded_word.h"

#include <gtest/gtest.h>

#include <string>

namespace privet::mime {
namespace {

TEST(EncodedWord, IsDecodedAsTheLaxestReaderWould) {
  struct Row {
    const char* name;
    const char* value;
    const char* text;
  };
  const Row rows[] = {
      {"plain text", "Hello", "Hello"},
      {"nothing", "", ""},
      {"Q", "=?utf-8?Q?M=C3=BCller?=", "Müller"},
      {"Q underscore", "=?utf-8?q?Anna_M=c3=bcller?=", "Anna Müller"},
      {"Q at sign", "=?utf-8?q?bob=40acme.com?=", "bob@acme.com"},
      {"Q with a broken escape", "=?utf-8?q?50=%_=4?=", "50=% =4"},
      {"Q with blanks", "=?utf-8?q?Hello my world?=", "Hello my world"},
      {"Q that holds a question mark", "=?utf-8?q?why?\?=", "why?"},
      {"Q that is an equals sign", "=?utf-8?q?=?=", "="},
      {"Q without text", "=?utf-8?q?\?=x", "x"},
      {"B", "=?utf-8?B?TcO8bGxlcg==?=", "Müller"},
      {"B without padding", "=?utf-8?b?TcO8bGxlcg?=", "Müller"},
      {"B folded", "=?utf-8?b?TcO8\r\n bGxlcg==?=", "Müller"},
      {"language", "=?iso-8859-1*de?Q?M=FCller?=", "Müller"},
      {"other charset", "=?iso-8859-1?Q?M=FCller?=", "Müller"},
      {"adjacent words", "=?utf-8?q?a?= =?utf-8?q?b?=", "ab"},
      {"adjacent words on two lines", "=?utf-8?q?a?=\r\n =?UTF-8?b?Yg==?=", "ab"},
      {"adjacent words of two charsets", "=?utf-8?q?=C3=BC?= =?iso-8859-1?q?=FC?=", "üü"},
      {"words with text between", "=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"},
      {"character split in the middle", "=?utf-8?q?M=C3?= =?utf-8?q?=BCller?=", "Müller"},
      {"character split between B and Q", "=?utf-8?b?TcM=?=\r\n =?utf-8?q?=BCller?=", "Müller"},
      {"shift state left open",
       "=?iso-2022-jp?q?=1B$BF|?= =?iso-2022-jp?q?bob=40acme.com?=", "日bob@acme.com"},
      {"in a quoted string", "\"=?utf-8?q?Bob?=\" <b@x>", "\"Bob\" <b@x>"},
      {"in a comment", "(=?utf-8?q?Bob?=)", "(Bob)"},
      {"glued to text", "x=?utf-8?q?Bob?=@acme.com", "xBob@acme.com"},
      {"glued to each other", "=?utf-8?q?a?==?utf-8?q?b?=", "ab"},
      {"blank kept behind a word", "=?utf-8?q?a?= b", "a b"},
      {"replacement character", "=?utf-8?q?=EF=BF=BD?= =?utf-8?q?x?=", "\uFFFDx"},
      {"raw latin-1", "M\xFCller =?utf-8?q?=C3=BC?=", "Müller ü"},
      {"raw UTF-8", "Grüße =?utf-8?q?=C3=BC?=", "Grüße ü"},
      {"folding", "a\r\n b\r\n\tc", "a b\tc"},
      {"not an encoded word", "x =? y ?= z", "x =? y ?= z"},
      {"equation", "a=?b", "a=?b"},
      {"questions that decode to no word", "=?utf-8?q?=3D=3F_a?= b ?=", "=? a b ?="},
  };
  for (const Row& row : rows) {
    const DecodedText decoded = decode_header_text(row.value);
    EXPECT_EQ(decoded.text, row.text) << row.name;
    EXPECT_TRUE(decoded.complete) << row.name;
  }
}

TEST(EncodedWord, SaysWhatCouldNotBeDecoded) {
  struct Row {
    const char* name;
    const char* value;
    const char* text;
  };
  const Row rows[] = {
      {"unknown charset", "=?x-foo?q?bob=40acme.com?=", "bob@acme.com"},
      {"no charset", "=?\?q?bob=40acme.com?=", "=?\?q?bob=40acme.com?="},
      {"address in a language", "=?utf-8*bob@acme.com?q?y?=", "y"},
      {"charset with a blank", "=?utf-8* a?q?y?=", "y"},
      {"unknown encoding", "=?utf-8?x?bob?=", "=?utf-8?x?bob?="},
      {"no end", "=?utf-8?q?bob=40acme.com", "=?utf-8?q?bob=40acme.com"},
      {"wrong bytes beside a replacement character", "=?utf-8?q?=EF=BF=BD=FC?=", "\uFFFD\uFFFD"},
      {"wrong bytes", "=?utf-8?q?M=FCller?=", "M\uFFFDller"},
      {"word within a word", "=?utf-8?q?x =?utf-8?q?bob=40acme.com?=", "x =?utf-8?q?bob@acme.com"},
      {"text behind padding", "=?utf-8?b?Ym9i=QGFjbWU=?=", "bob@acme"},
      {"no base64", "=?utf-8?b?Ym9i!?=", "bob"},
      {"raw bytes of no charset", "M\x81ller", "M\uFFFDller"},
      {"word that decodes to a word",
       "=?utf-8?q?=3D=3Futf-8=3Fq=3Fbob=40acme.com=3F=3D?=", "=?utf-8?q?bob@acme.com?="},
      {"word that is joined by decoding", "=?utf-8?q?=3D=3F?=utf-8?B?YQ==?=", "=?utf-8?B?YQ==?="},
  };
  for (const Row& row : rows) {
    const DecodedText decoded = decode_header_text(row.value);
    EXPECT_EQ(decoded.text, row.text) << row.name;
    EXPECT_FALSE(decoded.complete) << row.name;
  }
}

}  // namespace
}  // namespace privet::mime

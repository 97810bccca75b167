#include "proxy/imap/command.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/limits.h"
#include "tests/support/imap_command.h"

namespace privet::imap {
namespace {

using namespace std::string_literals;

TEST(Command, ReadsWhatIsWellFormed) {
  struct Row {
    std::string_view name;
    std::string frame;
    std::string_view written;  ///< by tests/support/imap_command.h
  };
  const Row rows[] = {
      {"Capability", "a capability", "a CAPABILITY"},
      {"BlankAtTheEnd", "a NOOP ", "a NOOP"},
      {"Check", "a CHECK", "a CHECK"},
      {"Logout", "a Logout", "a LOGOUT"},
      {"StartTls", "a STARTTLS", "a STARTTLS"},
      {"Namespace", "a NAMESPACE", "a NAMESPACE"},
      {"Close", "a CLOSE", "a CLOSE"},
      {"Unselect", "a UNSELECT", "a UNSELECT"},
      {"TagOfNodeImap", "IDLE IDLE", "IDLE IDLE"},
      {"TagWithDot", "1.1 NOOP", "1.1 NOOP"},
      {"TagOfGile", "GILE1 NOOP", "GILE1 NOOP"},
      {"TagOfHex", "0a1B2c3D NOOP", "0a1B2c3D NOOP"},
      {"TagWithBracket", "a]b NOOP", "a]b NOOP"},
      {"Login", "a LOGIN anna \"pass {1}\"", "a LOGIN {4}\r\nanna {8}\r\npass {1}"},
      {"LoginWithLiterals", "a LOGIN {4}\r\nanna {4+}\r\nword", "a LOGIN {4}\r\nanna {4}\r\nword"},
      {"LoginWithEightBit", "a LOGIN anna \"\xfc\"", "a LOGIN {4}\r\nanna {1}\r\n\xfc"},
      {"Authenticate", "a AUTHENTICATE plain", "a AUTHENTICATE PLAIN"},
      {"AuthenticateAtOnce", "a AUTHENTICATE PLAIN AGEAYg==", "a AUTHENTICATE PLAIN AGEAYg=="},
      {"AuthenticateEmpty", "a AUTHENTICATE XOAUTH2 =", "a AUTHENTICATE XOAUTH2 ="},
      {"IdNil", "a ID NIL", "a ID ()"},
      {"Id", "a ID (\"name\" \"x\" {7}\r\nversion NIL)", "a ID ({4}\r\nname {1}\r\nx {7}\r\nversion NIL)"},
      {"Enable", "a ENABLE condstore X-Y", "a ENABLE CONDSTORE X-Y"},
      {"Select", "a SELECT inbox", "a SELECT {5}\r\nINBOX"},
      {"SelectQuoted", "a SELECT \"a b\"", "a SELECT {3}\r\na b"},
      {"SelectLiteral", "a SELECT {3}\r\na b", "a SELECT {3}\r\na b"},
      {"SelectEncoded", "a SELECT Entw&APw-rfe", "a SELECT {12}\r\nEntw&APw-rfe"},
      {"SelectNobody", "a SELECT \"\"", "a SELECT {0}\r\n"},
      {"SelectNotEncoded", "a SELECT a&b", "a SELECT {0}\r\n"},
      {"SelectEightBit", "a SELECT \"\xc3\xbc\"", "a SELECT {0}\r\n"},
      {"SelectControl", "a SELECT {2}\r\na\n", "a SELECT {0}\r\n"},
      {"SelectBracket", "a SELECT [Gmail]/Trash", "a SELECT {13}\r\n[Gmail]/Trash"},
      {"Examine", "a EXAMINE \"INBOX\" (CONDSTORE)", "a EXAMINE {5}\r\nINBOX (CONDSTORE)"},
      {"Create", "a CREATE b/", "a CREATE {2}\r\nb/"},
      {"Delete", "a DELETE b", "a DELETE {1}\r\nb"},
      {"Rename", "a RENAME b \"c\"", "a RENAME {1}\r\nb {1}\r\nc"},
      {"Subscribe", "a SUBSCRIBE b", "a SUBSCRIBE {1}\r\nb"},
      {"Unsubscribe", "a UNSUBSCRIBE b", "a UNSUBSCRIBE {1}\r\nb"},
      {"List", "a LIST \"\" *", "a LIST {0}\r\n {1}\r\n*"},
      {"ListRoot", "a LIST \"\" \"\"", "a LIST {0}\r\n {0}\r\n"},
      {"Lsub", "a lsub INBOX. %", "a LSUB {6}\r\nINBOX. {1}\r\n%"},
      {"ListEmptyOptions", "a LIST () \"\" %", "a LIST () {0}\r\n ({1}\r\n% ) RETURN ()"},
      {"ListExtended",
       "a LIST (SUBSCRIBED recursivematch REMOTE SPECIAL-USE) \"\" (a% \"b*\") RETURN (CHILDREN SUBSCRIBED "
       "SPECIAL-USE STATUS (MESSAGES UNSEEN))",
       "a LIST (SUBSCRIBED REMOTE RECURSIVEMATCH SPECIAL-USE ) {0}\r\n ({2}\r\na% {2}\r\nb* ) RETURN "
       "(SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN))"},
      {"ListOfK9", "a LIST \"\" * RETURN (SPECIAL-USE)",
       "a LIST () {0}\r\n ({1}\r\n* ) RETURN (SPECIAL-USE )"},
      {"Status", "a STATUS INBOX (messages Recent UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE MESSAGES)",
       "a STATUS {5}\r\nINBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE)"},
      {"Append", "a APPEND b {10}", "a APPEND {1}\r\nb () {10}"},
      {"AppendLiteralName", "a APPEND {1}\r\nb {10+}", "a APPEND {1}\r\nb () {10}"},
      {"AppendWithAll", "a APPEND b (\\seen $x) \" 1-Feb-2024 01:02:03 +0100\" {4294967296}",
       "a APPEND {1}\r\nb (\\Seen $x) \"01-Feb-2024 01:02:03 +0100\" {4294967296}"},
      {"AppendWithDate", "a APPEND b \"01-Feb-2024 01:02:03 +0100\" {0}",
       "a APPEND {1}\r\nb () \"01-Feb-2024 01:02:03 +0100\" {0}"},
      {"Expunge", "a EXPUNGE", "a EXPUNGE"},
      {"UidExpunge", "a UID EXPUNGE 1:*", "a UID EXPUNGE 1:*"},
      {"Search", "a SEARCH ALL", "a SEARCH ALL"},
      {"UidSearch", "a uid search return (min) unseen", "a UID SEARCH RETURN (MIN ) NOT SEEN"},
      {"Fetch", "a FETCH 1 FLAGS", "a FETCH 1 (FLAGS )"},
      {"FetchOfNodeImap",
       "a FETCH 1:3 (MODSEQ UID FLAGS INTERNALDATE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (FROM TO)] "
       "BODY.PEEK[TEXT])",
       "a FETCH 1:3 (MODSEQ UID FLAGS INTERNALDATE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (FROM TO)] "
       "BODY.PEEK[TEXT] )"},
      {"FetchOfOutlook", "a UID fetch 39 (UID RFC822.SIZE RFC822.peek)",
       "a UID FETCH 39 (UID RFC822.SIZE RFC822.PEEK )"},
      {"FetchChanges", "a UID FETCH 1:* (FLAGS BODY[]<0.5>) (CHANGEDSINCE 12345)",
       "a UID FETCH 1:* (FLAGS BODY[]<0.5> ) (CHANGEDSINCE 12345)"},
      {"Store", "a STORE 1 FLAGS (\\DELETED $a)", "a STORE 1 FLAGS (\\Deleted $a)"},
      {"StoreNothing", "a STORE 1 FLAGS ()", "a STORE 1 FLAGS ()"},
      {"StoreBare", "a UID STORE 1,2 +FLAGS.SILENT \\Seen \\Draft ",
       "a UID STORE 1,2 +FLAGS.SILENT (\\Seen \\Draft)"},
      {"StoreUnchanged", "a STORE 1 (UNCHANGEDSINCE 0) -flags.silent (\\Answered \\Flagged)",
       "a STORE 1 (UNCHANGEDSINCE 0) -FLAGS.SILENT (\\Answered \\Flagged)"},
      {"Copy", "a COPY 2:4 b", "a COPY 2:4 {1}\r\nb"},
      {"UidCopy", "a UID COPY 2 inbox", "a UID COPY 2 {5}\r\nINBOX"},
      {"Move", "a MOVE 2 b", "a MOVE 2 {1}\r\nb"},
      {"UidMove", "a UID MOVE 2 b", "a UID MOVE 2 {1}\r\nb"},
      {"ManyBlanks", "a  UID  COPY  2  b", "a UID COPY 2 {1}\r\nb"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto command = parse_command(row.frame);
    ASSERT_TRUE(command.has_value()) << command.error().text;
    const std::string written = test::write(*command);
    EXPECT_EQ(written, row.written);
    const auto again = parse_command(written);
    ASSERT_TRUE(again.has_value()) << again.error().text;
    EXPECT_EQ(test::write(*again), written);
  }
}

TEST(Command, RefusesWhatItDoesNotUnderstand) {
  struct Row {
    std::string frame;
    std::string_view text;
  };
  const Row rows[] = {
      {"a", "Missing command"},
      {"a ", "Missing command"},
      {"a XMAILBOXINFO", "Unknown command"},
      {"a XLIST \"\" *", "Unknown command"},
      {"a GETQUOTAROOT INBOX", "Unknown command"},
      {"a SORT (TO) UTF-8 ALL", "Unknown command"},
      {"a THREAD REFERENCES UTF-8 ALL", "Unknown command"},
      {"a COMPRESS DEFLATE", "Unknown command"},
      {"a UID", "Unknown command"},
      {"a UID NOOP", "Unknown command"},
      {"a UID UID FETCH 1 UID", "Unknown command"},
      {"a \"NOOP\"", "Unknown command"},
      {"GET / HTTP/1.1", "Unknown command"},
      {"a NOOP x", "Unexpected arguments"},
      {"a STARTTLS x", "Unexpected arguments"},
      {"a EXPUNGE 1", "Unexpected arguments"},
      {"a LOGIN a b c", "Unexpected arguments"},
      {"a LOGIN", "Invalid arguments"},
      {"a LOGIN anna", "Invalid arguments"},
      {"a LOGIN anna ", "Invalid arguments"},
      {"a LOGIN anna \"x", "Invalid arguments"},
      {"a AUTHENTICATE", "Invalid arguments"},
      {"a AUTHENTICATE PLAIN a*b", "Unexpected arguments"},
      {"a AUTHENTICATE PLAIN *", "Invalid arguments"},
      {"a AUTHENTICATE AAAAAAAAAAAAAAAAAAAAA", "Invalid arguments"},
      {"a ID", "Invalid arguments"},
      {"a ID (\"name\")", "Invalid arguments"},
      {"a ID (name \"x\")", "Invalid arguments"},
      {"a ID (NIL NIL)", "Invalid arguments"},
      {"a ENABLE", "Invalid arguments"},
      {"a ENABLE \"CONDSTORE\"", "Invalid arguments"},
      {"a SELECT", "Invalid mailbox name"},
      {"a SELECT a*", "Unexpected arguments"},
      {"a SELECT {2}\r\na\0"s, "Invalid mailbox name"},
      {"a SELECT a (QRESYNC (1 2))", "Invalid SELECT parameter"},
      {"a SELECT a ()", "Invalid SELECT parameter"},
      {"a SELECT a CONDSTORE", "Invalid SELECT parameter"},
      {"a CREATE a (USE (\\Sent))", "Unexpected arguments"},
      {"a RENAME a", "Invalid mailbox name"},
      {"a LIST", "Invalid arguments"},
      {"a LIST \"\"", "Invalid mailbox name"},
      {"a LIST \"\" ()", "Invalid mailbox name"},
      {"a LIST \"\" a&", "Invalid mailbox name"},
      {"a LIST (X-UNKNOWN) \"\" *", "Invalid LIST option"},
      {"a LIST (RECURSIVEMATCH) \"\" *", "Invalid LIST option"},
      {"a LIST (REMOTE RECURSIVEMATCH) \"\" *", "Invalid LIST option"},
      {"a LIST \"\" * RETURN (MYRIGHTS)", "Invalid LIST option"},
      {"a LIST \"\" * RETURN (METADATA (\"a\"))", "Invalid LIST option"},
      {"a LIST \"\" * RETURN (STATUS)", "Invalid LIST option"},
      {"a LIST \"\" * RETURN (STATUS ())", "Invalid LIST option"},
      {"a LIST \"\" * RETURN", "Invalid LIST option"},
      {"a LIST \"\" * x", "Invalid LIST option"},
      {"a LSUB () \"\" *", "Invalid arguments"},
      {"a LSUB \"\" (a b)", "Invalid arguments"},
      {"a STATUS INBOX", "Invalid STATUS items"},
      {"a STATUS INBOX ()", "Invalid STATUS items"},
      {"a STATUS INBOX (MAILBOXID)", "Invalid STATUS items"},
      {"a STATUS INBOX (X-GUID)", "Invalid STATUS items"},
      {"a STATUS INBOX MESSAGES", "Invalid STATUS items"},
      {"a APPEND b", "Invalid arguments"},
      {"a APPEND b \"text\"", "Invalid date"},
      {"a APPEND b (\\Seen)", "Invalid arguments"},
      {"a APPEND b (\\Recent) {1}", "Invalid flags"},
      {"a APPEND b \"30-Feb-2024 01:02:03 +0100\" {1}", "Invalid date"},
      {"a APPEND b CATENATE (TEXT {1}", "A message literal must follow"},
      {"a APPEND b ~{1}", "A message literal must follow"},
      {"a APPEND b UTF8 (~{1}", "A message literal must follow"},
      {"a APPEND b {1}\r\nx", "A message literal must follow"},
      {"a UID EXPUNGE", "Invalid message set"},
      {"a FETCH", "Invalid message set"},
      {"a FETCH 0 UID", "Invalid message set"},
      {"a FETCH 4294967296 UID", "Invalid message set"},
      {"a FETCH 1", "Invalid FETCH items"},
      {"a FETCH 1 X-GUID", "Invalid FETCH items"},
      {"a FETCH 1 UID (CHANGEDSINCE 0)", "Invalid FETCH modifier"},
      {"a FETCH 1 UID (CHANGEDSINCE 9223372036854775808)", "Invalid FETCH modifier"},
      {"a FETCH 1 UID (CHANGEDSINCE 5 VANISHED)", "Invalid FETCH modifier"},
      {"a FETCH 1 UID (CHANGEDSINCE 5 CHANGEDSINCE 6)", "Invalid FETCH modifier"},
      {"a FETCH 1 UID (PARTIAL 1:5)", "Invalid FETCH modifier"},
      {"a FETCH 1 UID ()", "Invalid FETCH modifier"},
      {"a FETCH 1 UID FLAGS", "Invalid FETCH modifier"},
      {"a STORE 1", "Invalid STORE item"},
      {"a STORE 1 X (\\Seen)", "Invalid STORE item"},
      {"a STORE 1 +X-GM-LABELS (a)", "Invalid STORE item"},
      {"a STORE 1 ANNOTATION (a)", "Invalid STORE item"},
      {"a STORE 1 FLAGS", "Invalid flags"},
      {"a STORE 1 FLAGS (\\Recent)", "Invalid flags"},
      {"a STORE 1 FLAGS (\\*)", "Invalid flags"},
      {"a STORE 1 FLAGS (\\Foo)", "Invalid flags"},
      {"a STORE 1 FLAGS (a\"b)", "Invalid flags"},
      {"a STORE 1 FLAGS (a]b)", "Invalid flags"},
      {"a STORE 1 (UNCHANGEDSINCE) FLAGS ()", "Invalid STORE modifier"},
      {"a COPY 1", "Invalid mailbox name"},
      {"a COPY x b", "Invalid message set"},
      {"a SEARCH", "Invalid search key"},
      {"a SEARCH SEEN )", "Invalid search key"},
      {"a SEARCH RETURN (SAVE) ALL", "Invalid SEARCH return option"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.frame);
    const auto command = parse_command(row.frame);
    ASSERT_FALSE(command.has_value()) << test::write(*command);
    EXPECT_EQ(command.error().text, row.text);
    EXPECT_FALSE(command.error().no);
    EXPECT_EQ(command.error().tag, read_tag(row.frame));
  }
}

TEST(Command, AnswersWithoutTagWhereThereIsNoLegalOne) {
  for (const std::string& frame :
       {""s, " NOOP"s, "+ NOOP"s, "a+b NOOP"s, "* NOOP"s, "\"a\" NOOP"s, "a\tNOOP"s, "(a) NOOP"s,
        "\xc3\xbc NOOP"s, "{1}\r\na NOOP"s, std::string(limits::kImapTag + 1, 'a') + " NOOP"}) {
    const auto command = parse_command(frame);
    ASSERT_FALSE(command.has_value()) << frame;
    EXPECT_EQ(command.error().tag, "*");
    EXPECT_EQ(command.error().text, "Invalid tag");
  }
}

TEST(Command, AnswersNoToAnotherCharset) {
  const auto command = parse_command("a UID SEARCH CHARSET KOI8-R TO a");
  ASSERT_FALSE(command.has_value());
  EXPECT_TRUE(command.error().no);
  EXPECT_TRUE(command.error().text.starts_with("[BADCHARSET "));
}

TEST(Command, HoldsTheLimitsOfId) {
  const auto id = [](std::size_t count, std::size_t field, std::size_t value) {
    std::string frame = "a ID (";
    for (std::size_t i = 0; i < count; ++i) {
      frame += '"' + std::string(field, 'f') + "\" \"" + std::string(value, 'v') + "\" ";
    }
    return parse_command(frame + ")").has_value();
  };
  EXPECT_TRUE(id(limits::kImapIdParameters, limits::kImapIdField, limits::kImapIdValue));
  EXPECT_FALSE(id(limits::kImapIdParameters + 1, 1, 1));
  EXPECT_FALSE(id(1, limits::kImapIdField + 1, 1));
  EXPECT_FALSE(id(1, 1, limits::kImapIdValue + 1));
}

TEST(Command, HoldsTheLimitOfPatternsTogether) {
  const std::string half(limits::kImapListPatterns / 2, 'a');
  EXPECT_TRUE(parse_command("a LIST \"\" (" + half + " " + half + ")").has_value());
  EXPECT_FALSE(parse_command("a LIST \"\" (" + half + " " + half + " b)").has_value());
  EXPECT_FALSE(parse_command("a LIST b (" + half + " " + half + ")").has_value());
}

}  // namespace
}  // namespace privet::imap

#include "proxy/imap/response.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace privet::imap {
namespace {

/// The response in `text`, which has to be a T.
template <class T>
T get(std::string_view text) {
  Result<Response> response = parse_response({.text = text});
  if (!response) {
    ADD_FAILURE() << text << ": " << response.error().what;
    return {};
  }
  if (!std::holds_alternative<T>(*response)) {
    ADD_FAILURE() << text << " is alternative " << response->index();
    return {};
  }
  return std::get<T>(*std::move(response));
}

bool is_unknown(std::string_view text) {
  const Result<Response> response = parse_response({.text = text});
  return response && std::holds_alternative<Unknown>(*response);
}

TEST(Response, TellsStatusesApart) {
  struct {
    std::string_view name, text, tag;
    Condition condition;
    std::string_view code, arguments, human;
  } const kRows[] = {
      {"Greeting", "* OK [CAPABILITY IMAP4rev1 SASL-IR] Dovecot (Debian) ready.", "", Condition::Ok,
       "CAPABILITY", "IMAP4rev1 SASL-IR", "Dovecot (Debian) ready."},
      {"Preauth", "* PREAUTH ready", "", Condition::Preauth, "", "", "ready"},
      {"Bye", "* BYE Logging out", "", Condition::Bye, "", "", "Logging out"},
      {"Tagged", "a1 OK [READ-ONLY] Examine completed (0.001 + 0.000 secs).", "a1", Condition::Ok,
       "READ-ONLY", "", "Examine completed (0.001 + 0.000 secs)."},
      {"No", "A-7.1 NO [NONEXISTENT] Unknown Mailbox: x (Failure)", "A-7.1", Condition::No, "NONEXISTENT", "",
       "Unknown Mailbox: x (Failure)"},
      {"LowerCase", "a1 ok [uidnext 7] done", "a1", Condition::Ok, "uidnext", "7", "done"},
      {"NoText", "a1 OK", "a1", Condition::Ok, "", "", ""},
      {"CodeAlone", "* OK [UIDVALIDITY 0]", "", Condition::Ok, "UIDVALIDITY", "0", ""},
      {"ManyBlanks", "*  NO   [ALERT]   x ", "", Condition::No, "ALERT", "", "x"},
      {"CodeWithoutEnd", "* BAD [X y", "", Condition::Bad, "", "", "[X y"},
      {"EmptyCode", "* OK [] x", "", Condition::Ok, "", "", "x"},
      {"TextWithBrackets", "* OK a [b] c", "", Condition::Ok, "", "", "a [b] c"},
      {"PermanentFlags", "* OK [PERMANENTFLAGS (\\Seen \\*)] Flags permitted.", "", Condition::Ok,
       "PERMANENTFLAGS", "(\\Seen \\*)", "Flags permitted."},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto status = get<Status>(row.text);
    EXPECT_EQ(status.tag, row.tag);
    EXPECT_EQ(status.condition, row.condition);
    EXPECT_EQ(status.code ? status.code->name : "", row.code);
    EXPECT_EQ(status.code ? status.code->arguments : "", row.arguments);
    EXPECT_EQ(status.text, row.human);
  }
}

TEST(Response, ReadsTheNumberOfACode) {
  const auto number = [](std::string_view text) { return get<Status>(text).code->number(); };
  EXPECT_EQ(number("* OK [UIDVALIDITY 1717171717] x"), 1717171717u);
  EXPECT_EQ(number("* OK [HIGHESTMODSEQ 9223372036854775807]"), 9223372036854775807u);
  EXPECT_EQ(number("* OK [UIDVALIDITY 0] x"), 0u) << "for the session to judge";
  EXPECT_EQ(number("* OK [UIDNEXT 99999999999999999999] x"), std::nullopt);
  EXPECT_EQ(number("* OK [UIDNEXT] x"), std::nullopt);
  EXPECT_TRUE(get<Status>("* OK [uidValidity 1] x").code->is("UIDVALIDITY"));
}

TEST(Response, ReadsContinuations) {
  EXPECT_EQ(get<Continuation>("+ idling").text, "idling");
  EXPECT_EQ(get<Continuation>("+").text, "");
  EXPECT_EQ(get<Continuation>("+ {5}").text, "{5}");
}

TEST(Response, ReadsListsOfWords) {
  using Words = std::vector<std::string_view>;
  EXPECT_EQ(get<Capability>("* CAPABILITY IMAP4rev1 AUTH=PLAIN  LITERAL+ ").names,
            (Words{"IMAP4rev1", "AUTH=PLAIN", "LITERAL+"}));
  EXPECT_EQ(get<Enabled>("* ENABLED CONDSTORE QRESYNC").names, (Words{"CONDSTORE", "QRESYNC"}));
  EXPECT_TRUE(get<Enabled>("* ENABLED").names.empty());
  EXPECT_TRUE(get<Enabled>("* ENABLED ").names.empty()) << "iCloud";
  EXPECT_EQ(get<Flags>("* FLAGS (\\Answered \\Seen $Forwarded NonJunk)").flags,
            (Words{"\\Answered", "\\Seen", "$Forwarded", "NonJunk"}));
  EXPECT_EQ(get<Flags>("* flags ( \\Seen  a]b \xff\" )").flags, (Words{"\\Seen", "a]b", "\xff\""}));
  EXPECT_TRUE(get<Flags>("* FLAGS ()").flags.empty());
}

TEST(Response, ReadsMailboxesOfAllServers) {
  struct {
    std::string_view name, text, mailbox;
    char delimiter;
  } const kRows[] = {
      {"Dovecot", R"(* LIST (\HasNoChildren \Trash) "." INBOX.Trash)", "INBOX.Trash", '.'},
      {"Gmail", R"(* LIST (\All \HasNoChildren) "/" "[Gmail]/All Mail")", "[Gmail]/All Mail", '/'},
      {"Exchange", R"(* LIST (\Marked \HasNoChildren) "/" "Gel&APY-schte Elemente")",
       "Gel&APY-schte Elemente", '/'},
      {"Backslash", R"(* LIST (\Noselect) "\\" "a\\b \"c\"")", "a\\b \"c\"", '\\'},
      {"NoDelimiter", "* LIST () NIL INBOX", "INBOX", 0},
      {"EmptyDelimiter", "* LIST () \"\" INBOX", "INBOX", 0},
      {"Literal", "* LIST () \"/\" {7}\r\na\"b\\c)d", "a\"b\\c)d", '/'},
      {"Empty", R"(* LIST (\Noselect) "/" "")", "", '/'},
      {"CalledNil", "* LIST () \"/\" nil", "nil", '/'},
      {"EightBit", "* LIST () \"/\" \"Entw\xc3\xbcrfe\"", "Entw\xc3\xbcrfe", '/'},
      {"NotDecodable", "* LIST () \"/\" \"&&&bad-\"", "&&&bad-", '/'},
      {"Extended", R"(* LIST (\Subscribed) "/" "a" ("CHILDINFO" ("SUBSCRIBED")))", "a", '/'},
      {"ManyBlanks", "*  list  ( )  \"/\"  a ", "a", '/'},
      {"Old", "* XLIST (\\Inbox) \"/\" Posteingang", "Posteingang", '/'},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto list = get<List>(row.text);
    EXPECT_EQ(list.mailbox, row.mailbox);
    EXPECT_EQ(list.delimiter, row.delimiter);
    EXPECT_FALSE(list.subscribed);
  }
  EXPECT_EQ(get<List>(kRows[0].text).attributes,
            (std::vector<std::string_view>{"\\HasNoChildren", "\\Trash"}));
  EXPECT_TRUE(get<List>("* LSUB () \".\" INBOX.a").subscribed);
}

TEST(Response, DropsMailboxesThatCannotBeUnderstood) {
  EXPECT_TRUE(is_unknown("* LIST () \"/\" My Folder")) << "\"My\" may be another one";
  EXPECT_TRUE(is_unknown("* LIST () \"/\" \"open"));
  EXPECT_TRUE(is_unknown("* LIST () \"//\" a"));
  EXPECT_TRUE(is_unknown("* LIST \\Noselect \"/\" a"));
  EXPECT_TRUE(is_unknown("* LIST () \"/\""));
  EXPECT_TRUE(is_unknown("* LIST () \"/\" {9}\r\na"));
  EXPECT_TRUE(is_unknown("* STATUS a"));
  EXPECT_TRUE(is_unknown("* STATUS Deleted Items (MESSAGES 1)"));
}

TEST(Response, ReadsStatusData) {
  const auto data = get<StatusData>(
      "* STATUS \"Sent Items\" (MESSAGES 231 UIDNEXT 44292 uidvalidity 1 UNSEEN 0 HIGHESTMODSEQ "
      "9223372036854775807 "
      "MAILBOXID (F2212ea87) SIZE 99999999999999999999 )");
  EXPECT_EQ(data.mailbox, "Sent Items");
  EXPECT_EQ(data.find("MESSAGES"), 231u);
  EXPECT_EQ(data.find("UIDVALIDITY"), 1u);
  EXPECT_EQ(data.find("UNSEEN"), 0u);
  EXPECT_EQ(data.find("HIGHESTMODSEQ"), 9223372036854775807u);
  EXPECT_EQ(data.find("SIZE"), std::nullopt) << "no number";
  EXPECT_EQ(data.find("MAILBOXID"), std::nullopt);
  EXPECT_TRUE(get<StatusData>("* STATUS INBOX ()").items.empty());
}

TEST(Response, ReadsSearchResults) {
  using Numbers = std::vector<std::uint32_t>;
  EXPECT_EQ(get<Search>("* SEARCH 2 84 882").numbers, (Numbers{2, 84, 882}));
  EXPECT_EQ(get<Search>("* SEARCH").numbers, Numbers{});
  EXPECT_EQ(get<Search>("* SEARCH ").numbers, Numbers{}) << "Exchange";
  EXPECT_EQ(get<Search>("* search  5  3 ").numbers, (Numbers{5, 3}));
  EXPECT_EQ(get<Search>("* SEARCH 4294967295").numbers, Numbers{4294967295});
  EXPECT_EQ(get<Search>("* SEARCH 2 5 (MODSEQ 917162500)").modseq, 917162500u);
}

TEST(Response, ReadsExtendedSearchResults) {
  const auto all = get<ESearch>("* ESEARCH (TAG \"A282\") UID MIN 2 COUNT 3 ALL 2,10:11 MAX 11 MODSEQ 7");
  EXPECT_EQ(all.tag, "A282");
  EXPECT_TRUE(all.uid);
  EXPECT_EQ(all.min, 2u);
  EXPECT_EQ(all.max, 11u);
  EXPECT_EQ(all.count, 3u);
  EXPECT_EQ(all.modseq, 7u);
  EXPECT_EQ(all.all, (std::vector<Range>{{2, 2}, {10, 11}}));
  const auto none = get<ESearch>("* ESEARCH (tag x) uid");
  EXPECT_EQ(none.tag, "x");
  EXPECT_TRUE(none.uid && none.all.empty());
  EXPECT_EQ(get<ESearch>("* ESEARCH").tag, "");
  EXPECT_EQ(get<ESearch>("* ESEARCH (TAG \"a\") UID ALL 9:7 RELEVANCY (4 99)").all,
            (std::vector<Range>{{7, 9}}));
}

TEST(Response, ReadsCountsAndRemovals) {
  EXPECT_EQ(get<Exists>("* 0 EXISTS").count, 0u);
  EXPECT_EQ(get<Exists>("* 4294967295 exists").count, 4294967295u);
  EXPECT_EQ(get<Recent>("* 0 RECENT").count, 0u);
  EXPECT_EQ(get<Expunge>("* 44 EXPUNGE").number, 44u);
  EXPECT_EQ(get<Vanished>("* VANISHED 405,407:410").uids, (std::vector<Range>{{405, 405}, {407, 410}}));
  EXPECT_FALSE(get<Vanished>("* VANISHED 405").earlier);
  EXPECT_TRUE(get<Vanished>("* VANISHED (EARLIER) 300:310").earlier);
}

TEST(Response, ReadsId) {
  const auto id = get<Id>(R"(* ID ("name" "Dovecot" "version" NIL "x" "a\"b"))");
  ASSERT_EQ(id.parameters.size(), 3u);
  EXPECT_EQ(id.parameters[0], (std::pair<std::string, std::string>{"name", "Dovecot"}));
  EXPECT_EQ(id.parameters[1].second, "");
  EXPECT_EQ(id.parameters[2].second, "a\"b");
  EXPECT_TRUE(get<Id>("* ID NIL").parameters.empty());
  EXPECT_TRUE(get<Id>("* ID (\"odd\")").parameters.empty());
}

TEST(Response, ReadsNamespaces) {
  const auto cyrus =
      get<Namespace>(R"(* NAMESPACE (("INBOX." ".")) (("user." ".")) (("" ".")("x" NIL "EXT" ("a"))))");
  ASSERT_EQ(cyrus.personal.size(), 1u);
  EXPECT_EQ(cyrus.personal[0].prefix, "INBOX.");
  EXPECT_EQ(cyrus.personal[0].delimiter, '.');
  ASSERT_EQ(cyrus.other.size(), 1u);
  ASSERT_EQ(cyrus.shared.size(), 2u);
  EXPECT_EQ(cyrus.shared[1].delimiter, 0);
  const auto gmail = get<Namespace>(R"(* NAMESPACE (("" "/")) NIL NIL)");
  EXPECT_EQ(gmail.personal.size(), 1u);
  EXPECT_TRUE(gmail.other.empty() && gmail.shared.empty());
  EXPECT_TRUE(is_unknown("* NAMESPACE ((\"\" \"/\"))"));
  EXPECT_TRUE(is_unknown("* NAMESPACE (x) NIL NIL"));
}

TEST(Response, ToleratesWhatItDoesNotKnow) {
  for (const std::string_view text :
       {"", "*", "* ", "* XGMTHING (a", "* 5 FROBNICATE", "* 99999999999 FROBNICATE", "* SORT 1 2",
        "* QUOTA \"\" (", "* FLAGS x", "* \"", "* (", "* ID", "* ID (", "* NAMESPACE", "* LIST"}) {
    EXPECT_TRUE(is_unknown(text)) << text;
  }
}

TEST(Response, FailsWhereNumbersWouldBeWrongFromThereOn) {
  for (const std::string_view text : {"a1 FETCHED",
                                      "garbage",
                                      "* 0 EXPUNGE",
                                      "* 0 FETCH (UID 1)",
                                      "* 4294967296 EXISTS",
                                      "* 99999999999999999999999 EXPUNGE",
                                      "* SEARCH 1 x 2",
                                      "* SEARCH 0",
                                      "* SEARCH 4294967296",
                                      "* SEARCH 1)",
                                      "* ESEARCH (TAG \"a\") UID ALL 1:*",
                                      "* ESEARCH (TAG \"a\") UID ALL",
                                      "* ESEARCH (TAG \"a\"",
                                      "* ESEARCH )",
                                      "* ESEARCH ALL 0:5",
                                      "* ESEARCH MIN x",
                                      "* VANISHED",
                                      "* VANISHED (EARLIER)",
                                      "* VANISHED 1:2 3",
                                      "* VANISHED 1,,2",
                                      "* VANISHED *",
                                      "* 1 FETCH",
                                      "* 1 FETCH (UID 5",
                                      "* 1 FETCH (UID 5) x",
                                      "* 1 FETCH (UID 0)",
                                      "* 1 FETCH (UID 4294967296)",
                                      "* 1 FETCH (\"x\" 1)",
                                      "* 1 FETCH (BODY[ NIL)",
                                      "* 1 FETCH (BODY[] {9}\r\nx)"}) {
    EXPECT_FALSE(parse_response({.text = text}).has_value()) << text;
  }
}

}  // namespace
}  // namespace privet::imap

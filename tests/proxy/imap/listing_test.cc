#include "proxy/imap/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

namespace privet::imap {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// INBOX, Sent, Projects.North, Projects.South and A.B.C are seen; Board and Projects.Hidden are not;
/// Projects.Old is gone.
std::vector<Folder> folders(const std::vector<std::string>& subscribed) {
  const auto one = [](std::string name, std::vector<std::string_view> attributes = {}) {
    return List{.attributes = std::move(attributes), .delimiter = '.', .mailbox = std::move(name)};
  };
  const policy::ViewScope scope{
      .folders = {"INBOX", "Sent", "Projects.North", "Projects.South", "A.B.C", "Projects.Old"}};
  auto visible = visible_folders(
      {one("INBOX"), one("Sent", {"\\Sent"}), one("Projects"), one("Projects.North"), one("Projects.South"),
       one("Projects.Hidden"), one("Board"), one("A.B"), one("A.B.C", {"\\Archive"}), one("A")},
      scope);
  return with_vanished(std::move(visible), subscribed, scope);
}

/// The lines that answer a command.
std::vector<std::string> answer(const std::string& command) {
  const std::vector<std::string> subscribed{"inbox", "Sent", "Projects.North", "Projects.Hidden",
                                            "Board", "Gone", "Projects.Old"};
  const std::vector<Folder> all = folders(subscribed);
  const auto parsed = parse_command("a " + command);
  const auto* const list = parsed ? std::get_if<command::List>(&parsed->body) : nullptr;
  if (list == nullptr) return {"BAD"};
  std::vector<std::string> lines;
  for (const Listed& one : listed(*list, all, subscribed)) {
    lines.push_back(line_of(*list, one));
    EXPECT_TRUE(lines.back().ends_with("\r\n"));
    lines.back().erase(lines.back().size() - 2);
  }
  return lines;
}

TEST(Listing, SaysWhatItAlwaysSaidWithoutOptions) {
  EXPECT_THAT(answer("LIST \"\" %"),
              ElementsAre("* LIST (\\Noselect \\HasChildren) \".\" A", "* LIST (\\HasNoChildren) \".\" INBOX",
                          "* LIST (\\Noselect \\HasChildren) \".\" Projects",
                          "* LIST (\\HasNoChildren \\Sent) \".\" Sent"));
}

TEST(Listing, SaysOnlyWhatIsAskedForInAnExtendedOne) {
  EXPECT_THAT(answer("LIST \"\" % RETURN ()"),
              ElementsAre("* LIST (\\NonExistent) \".\" A", "* LIST () \".\" INBOX",
                          "* LIST (\\NonExistent) \".\" Projects", "* LIST () \".\" Sent"));
  EXPECT_THAT(answer("LIST \"\" Proj* RETURN (CHILDREN SUBSCRIBED)"),
              ElementsAre("* LIST (\\NonExistent \\HasChildren) \".\" Projects",
                          "* LIST (\\Subscribed \\HasNoChildren) \".\" Projects.North",
                          "* LIST (\\HasNoChildren) \".\" Projects.South"));
  EXPECT_THAT(answer("LIST \"\" (Sent Board) RETURN (SPECIAL-USE)"),
              ElementsAre("* LIST (\\Sent) \".\" Sent"));
}

TEST(Listing, SelectsWhatIsSubscribedAndSeen) {
  EXPECT_THAT(answer("LIST (SUBSCRIBED) \"\" *"),
              ElementsAre("* LIST (\\Subscribed) \".\" INBOX", "* LIST (\\Subscribed) \".\" Projects.North",
                          "* LIST (\\NonExistent \\Subscribed) \".\" Projects.Old",
                          "* LIST (\\Subscribed) \".\" Sent"))
      << "and not what is hidden, or gone and not on the list";
  EXPECT_THAT(answer("LIST (SUBSCRIBED REMOTE SPECIAL-USE) \"\" *"),
              ElementsAre("* LIST (\\Subscribed \\Sent) \".\" Sent"));
}

TEST(Listing, NamesParentsOfWhatIsSelectedAndDoesNotShow) {
  EXPECT_THAT(answer("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %"),
              ElementsAre("* LIST (\\Subscribed) \".\" INBOX",
                          "* LIST (\\NonExistent) \".\" Projects (\"CHILDINFO\" (\"SUBSCRIBED\"))",
                          "* LIST (\\Subscribed) \".\" Sent"));
  EXPECT_THAT(answer("LIST (SPECIAL-USE RECURSIVEMATCH) \"\" (A A.%)"),
              ElementsAre("* LIST (\\NonExistent) \".\" A (\"CHILDINFO\" (\"SPECIAL-USE\"))",
                          "* LIST (\\NonExistent) \".\" A.B (\"CHILDINFO\" (\"SPECIAL-USE\"))"));
  EXPECT_THAT(answer("LIST (SUBSCRIBED SPECIAL-USE RECURSIVEMATCH) \"\" Proj%"), IsEmpty());
  EXPECT_THAT(answer("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" Proj*"),
              ElementsAre("* LIST (\\Subscribed) \".\" Projects.North",
                          "* LIST (\\NonExistent \\Subscribed) \".\" Projects.Old"));
  EXPECT_THAT(
      answer("LSUB \"\" %"),
      ElementsAre("* LSUB () \".\" INBOX", "* LSUB (\\Noselect) \".\" Projects", "* LSUB () \".\" Sent"));
}

TEST(Listing, NamesWhatIsGoneToWhoAsksForSubscriptionsOnly) {
  EXPECT_THAT(answer("LSUB \"\" *.Old"), ElementsAre("* LSUB () \".\" Projects.Old"));
  EXPECT_THAT(answer("LIST \"\" *.Old"), IsEmpty());
  EXPECT_THAT(answer("LIST \"\" *.Old RETURN (SUBSCRIBED)"), IsEmpty());
  EXPECT_THAT(answer("LIST (SUBSCRIBED) \"\" *.Old RETURN (CHILDREN SPECIAL-USE)"),
              ElementsAre("* LIST (\\NonExistent \\Subscribed \\HasNoChildren) \".\" Projects.Old"));
}

TEST(Listing, TakesSeveralPatternsAndNamesEachFolderOnce) {
  EXPECT_THAT(answer("LIST Projects. (% *h \"\")"),
              ElementsAre("* LIST () \".\" Projects.North", "* LIST () \".\" Projects.South"));
  EXPECT_THAT(answer("LIST Sent (\"\")"), IsEmpty());
}

}  // namespace
}  // namespace privet::imap

#include "proxy/imap/folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace privet::imap {
namespace {

using testing::ElementsAre;

List listed(std::string mailbox, std::vector<std::string_view> attributes = {}, char delimiter = '/') {
  return {.attributes = std::move(attributes), .delimiter = delimiter, .mailbox = std::move(mailbox)};
}

std::vector<std::string> shown(std::vector<List> all, std::vector<std::string> folders = {}) {
  std::vector<std::string> lines;
  for (const Folder& folder : visible_folders(std::move(all), {.folders = std::move(folders)}))
    lines.push_back(attributes_of(folder) + " " + folder.name);
  return lines;
}

TEST(Folders, ShowsAllButThoseThatHoldNoMailOfTheirOwn) {
  EXPECT_THAT(
      shown({listed("INBOX"), listed("Sent", {"\\Sent"}), listed("Junk", {"\\Junk"}),
             listed("Drafts", {"\\Drafts"}), listed("Bin", {"\\Trash"}), listed("Everything", {"\\All"})}),
      ElementsAre("(\\HasNoChildren) INBOX", "(\\HasNoChildren \\Sent) Sent"));
}

TEST(Folders, ShowsOnlyWhatIsNamedAndTheParentsThatLeadThere) {
  EXPECT_THAT(shown({listed("INBOX"), listed("Customers"), listed("Customers/North"), listed("Customers/HR"),
                     listed("Customers.x"), listed("Board")},
                    {"inbox", "Customers/North"}),
              ElementsAre("(\\Noselect \\HasChildren) Customers", "(\\HasNoChildren) Customers/North",
                          "(\\HasNoChildren) INBOX"));
}

TEST(Folders, HasNoChildrenWhereAllOfThemAreHidden) {
  EXPECT_THAT(shown({listed("Sales"), listed("Sales/Secret")}, {"Sales"}),
              ElementsAre("(\\HasNoChildren) Sales"));
}

TEST(Folders, DropsNamesThatNobodyCanReadAndFoldersThatCannotBeOpened) {
  EXPECT_THAT(shown({listed("INBOX"), listed("&broken"), listed("Group", {"\\Noselect"}), listed("")}),
              ElementsAre("(\\HasNoChildren) INBOX"));
}

TEST(Folders, ReadsNamesInModifiedUtf7) {
  EXPECT_THAT(shown({listed("Entw&APw-rfe")}, {"Entw\xc3\xbcrfe"}),
              ElementsAre("(\\HasNoChildren) Entw\xc3\xbcrfe"));
}

TEST(Folders, ThatVanishedAreKnownByTheListOnly) {
  const auto names = [](std::vector<std::string> folders) {
    const policy::ViewScope scope{.folders = std::move(folders)};
    const auto all =
        with_vanished(visible_folders({listed("INBOX"), listed("Sales", {}, '.')}, scope),
                      {"inbox", "Old", "Old", "Sales", "Trash", "Sales.&APw-", "&broken"}, scope);
    std::string text;
    for (const Folder& folder : all) text += folder.name + (folder.vanished ? " gone, " : ", ");
    return text;
  };
  EXPECT_EQ(names({"inbox", "Sales", "Old", "Sales.\xc3\xbc"}),
            "INBOX, Old gone, Sales, Sales.\xc3\xbc gone, ");
  EXPECT_EQ(names({}), "INBOX, Sales, ");
}

TEST(Folders, KeepsAttributesThatMatterBeyondTheirResponse) {
  EXPECT_EQ(lasting_attribute(std::string("\\sent")), "\\Sent");
  EXPECT_EQ(lasting_attribute("\\NOSELECT"), "\\Noselect");
  EXPECT_EQ(lasting_attribute("\\Marked"), "");
}

}  // namespace
}  // namespace privet::imap

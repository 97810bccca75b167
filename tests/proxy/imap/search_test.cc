#include "proxy/imap/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace privet::imap {
namespace {

using Kind = SearchKey::Kind;
using testing::ElementsAre;
using testing::IsEmpty;
using Uids = std::vector<std::uint32_t>;

SearchKey flag(Kind kind) {
  return {.kind = kind};
}
SearchKey text(Kind kind, std::string words) {
  return {.kind = kind, .text = std::move(words)};
}
SearchKey number(Kind kind, std::uint64_t octets) {
  return {.kind = kind, .number = octets};
}
SearchKey set(Kind kind, std::string_view ranges) {
  return {.kind = kind, .set = SequenceSet::parse(ranges).value_or(SequenceSet{})};
}
SearchKey both(SearchKey a, SearchKey b) {
  return {.kind = Kind::And, .children = {std::move(a), std::move(b)}};
}
SearchKey either(SearchKey a, SearchKey b) {
  return {.kind = Kind::Or, .children = {std::move(a), std::move(b)}};
}
SearchKey no(SearchKey key) {
  return {.kind = Kind::Not, .children = {std::move(key)}};
}

/// UIDs 10, 20, 30, 40, 50; 20 and 40 are hidden.
View some_hidden() {
  View view;
  view.append(Uids{10, 20, 30, 40, 50});
  for (const std::uint32_t uid : {10, 20, 30, 40, 50}) view.classify(uid, uid % 20 != 0);
  view.take_exists();
  return view;
}

/// What `tree` finds when no leaf needs anybody else.
Uids search(const View& view, const SearchKey& tree) {
  const SearchPlan plan(tree);
  return view.uids(plan.evaluate(view, std::vector<Bitmap>(plan.leaves().size())));
}

std::vector<SearchLeaf::Kind> kinds(const SearchKey& tree, const SearchRules& rules = {}) {
  std::vector<SearchLeaf::Kind> found;
  for (const SearchLeaf& leaf : SearchPlan(tree, rules).leaves()) found.push_back(leaf.kind);
  return found;
}

TEST(SearchPlan, KnowsWhoAnswersAKey) {
  constexpr auto kLocal = SearchLeaf::Kind::Local, kKeyword = SearchLeaf::Kind::Keyword,
                 kUpstream = SearchLeaf::Kind::Upstream, kSensitive = SearchLeaf::Kind::Sensitive;
  const SearchRules none{}, all{.from = true, .subject = true, .body = true, .keyword = "$Private"};
  struct {
    std::string_view name;
    SearchKey key;
    SearchRules rules;
    SearchLeaf::Kind kind;
  } const kRows[] = {
      {"All", flag(Kind::All), none, kLocal},
      {"Recent", flag(Kind::Recent), none, kLocal},
      {"Numbers", set(Kind::Sequence, "1:*"), none, kLocal},
      {"Uids", set(Kind::Uid, "1:*"), none, kLocal},
      {"Seen", flag(Kind::Seen), all, kUpstream},
      {"Keyword", text(Kind::Keyword, "$Junk"), all, kUpstream},
      {"KeywordOfTheView", text(Kind::Keyword, "$private"), all, kKeyword},
      {"KeywordOfNoView", text(Kind::Keyword, "$Private"), none, kUpstream},
      {"Since", flag(Kind::Since), all, kUpstream},
      {"From", text(Kind::From, "a"), none, kUpstream},
      {"FromThatIsRedacted", text(Kind::From, "a"), all, kSensitive},
      {"Subject", text(Kind::Subject, "a"), none, kUpstream},
      {"SubjectThatIsRedacted", text(Kind::Subject, "a"), all, kSensitive},
      {"Body", text(Kind::Body, "a"), none, kUpstream},
      {"BodyThatIsRedacted", text(Kind::Body, "a"), all, kSensitive},
      {"To", text(Kind::To, "a"), none, kSensitive},
      {"Cc", text(Kind::Cc, "a"), none, kSensitive},
      {"Bcc", text(Kind::Bcc, "a"), none, kSensitive},
      {"Text", text(Kind::Text, "a"), none, kSensitive},
      {"Header", {.kind = Kind::Header, .field = "X", .text = "a"}, none, kSensitive},
      {"Larger", number(Kind::Larger, 1), none, kSensitive},
      {"Smaller", number(Kind::Smaller, 1), none, kSensitive},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_THAT(kinds(row.key, row.rules), ElementsAre(row.kind));
  }
}

TEST(SearchPlan, AsksTheUpstreamOnceForWhatOnlyItKnows) {
  const SearchKey tree =
      both(both(flag(Kind::Seen), either(flag(Kind::Flagged), no(text(Kind::From, "a")))), flag(Kind::Since));
  EXPECT_THAT(kinds(tree), ElementsAre(SearchLeaf::Kind::Upstream));
  const SearchKey mixed{.kind = Kind::And,
                        .children = {flag(Kind::Seen), text(Kind::To, "a"), no(flag(Kind::Deleted)),
                                     set(Kind::Sequence, "1:2")}};
  const SearchPlan plan(mixed);
  ASSERT_EQ(plan.leaves().size(), 3u);
  EXPECT_EQ(plan.leaves()[2].kind, SearchLeaf::Kind::Upstream);
  EXPECT_THAT(plan.leaves()[2].keys, ElementsAre(&mixed.children[0], &mixed.children[2]));
}

TEST(SearchPlan, RestrictsQuestionsToWhatCanBeFound) {
  const View view = some_hidden();
  const auto scope = [&view](const SearchKey& tree) { return SearchPlan(tree).scope(view); };
  EXPECT_EQ(scope(flag(Kind::Seen)), (Range{10, 50}));
  EXPECT_EQ(scope(set(Kind::Uid, "15:45")), (Range{30, 30}));
  EXPECT_EQ(scope(both(set(Kind::Sequence, "2:3"), flag(Kind::Seen))), (Range{30, 50}));
  EXPECT_EQ(scope(either(set(Kind::Sequence, "2:3"), flag(Kind::Seen))), (Range{10, 50}));
  EXPECT_EQ(scope(both(set(Kind::Uid, "20"), flag(Kind::Seen))), std::nullopt);
  EXPECT_EQ(SearchPlan(flag(Kind::Seen)).scope(View()), std::nullopt);
}

TEST(Search, KnowsNumbersUidsAndRecent) {
  const View view = some_hidden();
  EXPECT_THAT(search(view, flag(Kind::All)), ElementsAre(10, 30, 50));
  EXPECT_THAT(search(view, set(Kind::Sequence, "2:500")), ElementsAre(30, 50));
  EXPECT_THAT(search(view, set(Kind::Sequence, "500")), IsEmpty());
  EXPECT_THAT(search(view, set(Kind::Uid, "20:40")), ElementsAre(30));
  EXPECT_THAT(search(view, no(set(Kind::Uid, "20:40"))), ElementsAre(10, 50));
  EXPECT_THAT(search(view, flag(Kind::Recent)), IsEmpty());
  EXPECT_THAT(search(view, no(flag(Kind::Recent))), ElementsAre(10, 30, 50));
}

TEST(Search, NotToAColleagueHoldsForAMessageSheWasTakenOutOf) {
  const View view = some_hidden();
  const SearchKey tree = no(text(Kind::To, "colleague"));
  const SearchPlan plan(tree);
  Bitmap answer = bits_of_uids(view, Uids{10, 20, 30});
  const Bitmap redacted = bits_of_uids(view, Uids{30});
  answer -= redacted;
  EXPECT_THAT(view.uids(plan.evaluate(view, std::vector{answer})), ElementsAre(30, 50));
}

TEST(Search, TakesAMissingAnswerAsNothingFound) {
  const View view = some_hidden();
  const SearchKey tree = either(text(Kind::To, "a"), set(Kind::Uid, "10"));
  const SearchPlan plan(tree);
  EXPECT_THAT(view.uids(plan.evaluate(view, {})), ElementsAre(10));
  const std::vector<Bitmap> too_long = {Bitmap(1000, true)};
  EXPECT_THAT(view.uids(plan.evaluate(view, too_long)), ElementsAre(10, 30, 50));
}

TEST(Search, GivesUidsOrNumbers) {
  const View view = some_hidden();
  const Bitmap bits = bits_of_uids(view, Uids{10, 50});
  EXPECT_THAT(found(view, bits, Numbering::Uid), ElementsAre(10, 50));
  EXPECT_THAT(found(view, bits, Numbering::Number), ElementsAre(1, 3));
}

TEST(Search, GivesWhatReturnAskedFor) {
  const View view = some_hidden();
  const SearchReturn everything{.min = true, .max = true, .all = true, .count = true};
  const ESearch some = extended_result(view, Bitmap(3, true), Numbering::Number, everything);
  EXPECT_FALSE(some.uid);
  EXPECT_EQ(some.min, 1u);
  EXPECT_EQ(some.max, 3u);
  EXPECT_EQ(some.count, 3u);
  EXPECT_THAT(some.all, ElementsAre(Range{1, 3}));
  const ESearch uids = extended_result(view, Bitmap(3, true), Numbering::Uid, {.all = true});
  EXPECT_TRUE(uids.uid);
  EXPECT_EQ(uids.count, std::nullopt);
  EXPECT_THAT(uids.all, ElementsAre(Range{10, 10}, Range{30, 30}, Range{50, 50}));
  const ESearch nothing = extended_result(view, Bitmap(3), Numbering::Uid, everything);
  EXPECT_EQ(nothing.count, 0u);
  EXPECT_EQ(nothing.min, std::nullopt);
  EXPECT_EQ(nothing.max, std::nullopt);
  EXPECT_THAT(nothing.all, IsEmpty());
}

// Random trees against a client of a mailbox that holds no more than the view.

struct Mail {
  std::uint32_t uid;
  bool seen, to, to_redacted;  // TO: as upstream has it, as the client would see it
  bool hidden, redacted;
};

bool holds(const SearchKey& key, const Mail& mail) {
  const auto child = [&mail](const SearchKey& each) { return holds(each, mail); };
  switch (key.kind) {
    case Kind::Seen:
      return mail.seen;
    case Kind::To:
      return mail.redacted ? mail.to_redacted : mail.to;
    case Kind::Uid:
      return contains(key.set.resolve(0), mail.uid);
    case Kind::And:
      return std::ranges::all_of(key.children, child);
    case Kind::Or:
      return std::ranges::any_of(key.children, child);
    case Kind::Not:
      return !child(key.children.front());
    default:
      return key.kind == Kind::All;
  }
}

class Upstream {
 public:
  explicit Upstream(unsigned seed) : random_(seed) {
    for (std::uint32_t uid = 1; uid <= 40; ++uid) {
      if (!coin()) mails_.push_back({uid, coin(), coin(), coin(), coin(), coin()});
    }
    for (const Mail& mail : mails_) {
      view_.append(std::span(&mail.uid, 1));
      view_.classify(mail.uid, !mail.hidden);
    }
    view_.take_exists();
  }

  SearchKey tree(int depth) {
    const auto shape = random_() % (depth == 0 ? 4 : 8);
    if (shape == 0) return flag(Kind::Seen);
    if (shape == 1) return text(Kind::To, "x");
    if (shape == 2) return flag(coin() ? Kind::All : Kind::Recent);
    if (shape == 3) {
      const auto first = static_cast<std::uint32_t>(1 + random_() % 40);
      return {.kind = Kind::Uid, .set = {.ranges = {{first, first + 9}}}};
    }
    if (shape == 4) return no(tree(depth - 1));
    if (shape == 5) return either(tree(depth - 1), tree(depth - 1));
    return both(tree(depth - 1), tree(depth - 1));
  }

  Uids expected(const SearchKey& tree) const {
    Uids uids;
    for (const Mail& mail : mails_)
      if (!mail.hidden && holds(tree, mail)) uids.push_back(mail.uid);
    return uids;
  }

  /// As a session does it.
  Uids answer(const SearchKey& tree) const {
    const SearchPlan plan(tree);
    const auto scope = plan.scope(view_);
    if (!scope) return {};
    std::vector<Bitmap> answers;
    for (const SearchLeaf& leaf : plan.leaves()) {
      Uids real, redacted, local;
      for (Mail mail : mails_) {
        if (mail.redacted) redacted.push_back(mail.uid);
        if (mail.redacted && holds_all(leaf, mail)) local.push_back(mail.uid);
        mail.redacted = false;
        if (mail.uid >= scope->first && mail.uid <= scope->last && holds_all(leaf, mail))
          real.push_back(mail.uid);
      }
      answers.push_back(bits_of_uids(view_, real));
      if (leaf.kind != SearchLeaf::Kind::Sensitive) continue;
      answers.back() -= bits_of_uids(view_, redacted);
      answers.back() |= bits_of_uids(view_, local);
    }
    return view_.uids(plan.evaluate(view_, answers));
  }

 private:
  static bool holds_all(const SearchLeaf& leaf, const Mail& mail) {
    return std::ranges::all_of(leaf.keys, [&mail](const SearchKey* key) { return holds(*key, mail); });
  }
  bool coin() { return random_() % 2 == 0; }

  std::mt19937 random_;
  std::vector<Mail> mails_;
  View view_;
};

TEST(Search, FindsWhatAMailboxOfTheVisibleMessagesWould) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Upstream upstream(seed);
    for (int i = 0; i < 50; ++i) {
      const SearchKey tree = upstream.tree(4);
      ASSERT_EQ(upstream.answer(tree), upstream.expected(tree)) << seed << " " << i;
    }
  }
}

}  // namespace
}  // namespace privet::imap

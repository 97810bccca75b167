// The view against one that is easy to believe: a list of messages, each question answered by counting.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "proxy/imap/selection.h"
#include "proxy/imap/view.h"

namespace privet::imap {
namespace {

constexpr int kOperations = 100'000;

struct Model {
  struct Entry {
    std::uint32_t uid;
    bool alive = true, classified = false, visible = false, announced = false, leaving = false;
  };
  std::vector<Entry> entries = {};
  std::uint32_t uid_next = 1;

  Entry* find(std::uint32_t uid) {
    const auto found = std::ranges::find(entries, uid, &Entry::uid);
    return found == entries.end() ? nullptr : &*found;
  }
  std::vector<Entry*> alive() {
    std::vector<Entry*> found;
    for (Entry& entry : entries)
      if (entry.alive) found.push_back(&entry);
    return found;
  }
  std::vector<Message> known() const {
    std::vector<Message> found;
    for (const Entry& entry : entries)
      if (entry.announced) found.push_back({static_cast<std::uint32_t>(found.size() + 1), entry.uid});
    return found;
  }
  static void withdraw(Entry& entry) {
    if (entry.announced) entry.leaving = true;
    entry.visible = false;
  }
  std::optional<std::uint32_t> take_exists() {
    bool due = false;
    for (Entry& entry : entries) {
      if (!entry.visible || entry.announced) continue;
      due = entry.announced = true;
      uid_next = std::max(uid_next, entry.uid + 1);
    }
    if (!due) return std::nullopt;
    return static_cast<std::uint32_t>(known().size());
  }
  std::vector<Message> take_expunges() {
    std::vector<Message> expunged;
    for (std::size_t i = entries.size(); i-- > 0;) {
      if (!entries[i].leaving) continue;
      const std::vector<Message> before = known();
      expunged.push_back(*std::ranges::find(before, entries[i].uid, &Message::uid));
      entries[i].leaving = entries[i].announced = false;
    }
    return expunged;
  }
};

class Pair {
 public:
  explicit Pair(unsigned seed) : random_(seed) {}

  void step() {
    switch (below(12)) {
      case 0:
      case 1:
        return append();
      case 2:
      case 3:
      case 4:
        return classify();
      case 5:
        return expunge();
      case 6:
        return vanish();
      case 7:
        return hide();
      case 8:
        ASSERT_EQ(view_.take_exists(), model_.take_exists());
        return;
      case 9:
        ASSERT_EQ(view_.take_expunges(), model_.take_expunges());
        return;
      case 10:
        if (below(20) == 0) resynchronise();
        return;
      default:
        return resolve();
    }
  }

  void compare() {
    const std::vector<Message> known = model_.known();
    ASSERT_EQ(view_.exists(), known.size());
    ASSERT_EQ(view_.uid_next(), model_.uid_next);
    ASSERT_EQ(view_.upstream_exists(), model_.alive().size());
    if (!known.empty()) {
      const Message message = known[below(known.size())];
      ASSERT_EQ(view_.uid(message.number), message.uid);
      ASSERT_EQ(view_.number(message.uid), message.number);
      ASSERT_EQ(view_.leaving(message.uid), model_.find(message.uid)->leaving);
    }
    const std::uint32_t uid = some_uid();
    const auto found = std::ranges::find(known, uid, &Message::uid);
    ASSERT_EQ(view_.number(uid), found == known.end() ? std::nullopt : std::optional(found->number));
    const auto up_to = std::ranges::count_if(known, [uid](const Message& each) { return each.uid <= uid; });
    ASSERT_EQ(view_.count_to(uid), static_cast<std::uint32_t>(up_to));
  }

 private:
  std::uint32_t below(std::size_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::uint32_t last() const { return model_.entries.empty() ? 0 : model_.entries.back().uid; }
  std::uint32_t some_uid() { return 1 + below(last() + 2); }

  void append() {
    // Many hidden ones go unseen; keep the naive one small enough to count in.
    if (model_.alive().size() > 150) return;
    std::vector<std::uint32_t> uids;
    std::uint32_t uid = last();
    for (std::uint32_t more = below(4); more > 0; --more) uids.push_back(uid += 1 + below(3));
    ASSERT_TRUE(view_.append(uids));
    for (const std::uint32_t each : uids) model_.entries.push_back({each});
  }

  void classify() {
    const auto next = std::ranges::find_if(
        model_.entries, [](const Model::Entry& entry) { return entry.alive && !entry.classified; });
    const std::vector<std::uint32_t> wanted = view_.unclassified(1);
    ASSERT_EQ(wanted.empty(), next == model_.entries.end());
    if (wanted.empty()) return;
    ASSERT_EQ(wanted.front(), next->uid);
    const bool visible = below(3) > 0;
    ASSERT_TRUE(view_.classify(next->uid, visible));
    for (auto entry = model_.entries.begin(); entry <= next; ++entry) entry->classified = true;
    next->visible = visible;
  }

  void expunge() {
    const auto alive = model_.alive();
    const std::uint32_t number = below(alive.size() + 2);
    const auto uid = view_.upstream_uid(number);
    ASSERT_EQ(view_.expunge(number), uid);
    ASSERT_EQ(uid.has_value(), number > 0 && number <= alive.size());
    if (!uid) return;
    Model::Entry& entry = *alive[number - 1];
    ASSERT_EQ(*uid, entry.uid);
    entry.alive = false;
    Model::withdraw(entry);
  }

  void vanish() {
    const std::uint32_t first = some_uid(), end = first + below(3);
    view_.vanish(first, end);
    for (Model::Entry* entry : model_.alive()) {
      if (entry->uid < first || entry->uid > end) continue;
      entry->alive = false;
      Model::withdraw(*entry);
    }
  }

  void hide() {
    const std::uint32_t uid = some_uid();
    Model::Entry* entry = model_.find(uid);
    ASSERT_EQ(view_.hide(uid), entry != nullptr && entry->visible);
    if (entry != nullptr) Model::withdraw(*entry);
  }

  void resynchronise() {
    std::vector<std::uint32_t> uids, vanished, arrived;
    for (Model::Entry* entry : model_.alive()) {
      if (below(5) > 0) {
        uids.push_back(entry->uid);
        continue;
      }
      vanished.push_back(entry->uid);
      entry->alive = false;
      Model::withdraw(*entry);
    }
    if (below(2) == 0) {
      const std::uint32_t uid = some_uid();
      if (model_.find(uid) == nullptr) {
        const auto place = std::ranges::lower_bound(model_.entries, uid, {}, &Model::Entry::uid);
        const bool classified = std::any_of(place, model_.entries.end(),
                                            [](const Model::Entry& entry) { return entry.classified; });
        model_.entries.insert(place, {uid, true, classified});
        uids.push_back(uid);
        arrived.push_back(uid);
      }
    }
    std::ranges::shuffle(uids, random_);
    const View::Difference difference = view_.resynchronise(uids);
    ASSERT_EQ(difference.vanished, vanished);
    ASSERT_EQ(difference.arrived, arrived);
  }

  void resolve() {
    SequenceSet set;
    for (std::uint32_t ranges = 1 + below(3); ranges > 0; --ranges) {
      const auto end = [&] { return below(6) == 0 ? kStar : some_uid(); };
      set.ranges.push_back({end(), end()});
    }
    const std::vector<Message> known = model_.known();
    const std::vector<Range> meant = set.resolve(known.empty() ? model_.uid_next : known.back().uid);
    std::vector<Message> expected;
    for (const Message& message : known) {
      if (contains(meant, message.uid) && !model_.find(message.uid)->leaving) expected.push_back(message);
    }
    const auto selection = imap::resolve(view_, set, Numbering::Uid);
    ASSERT_TRUE(selection.has_value());
    ASSERT_EQ(messages(view_, *selection), expected);

    std::vector<std::uint32_t> asked;
    const SequenceSet upstream = upstream_set(view_, *selection);
    for (const Model::Entry* entry : model_.alive())
      if (contains(upstream.ranges, entry->uid)) asked.push_back(entry->uid);
    ASSERT_EQ(asked.size(), expected.size());
    for (std::size_t i = 0; i < asked.size(); ++i) ASSERT_EQ(asked[i], expected[i].uid);
  }

  std::mt19937 random_;
  View view_;
  Model model_;
};

TEST(ViewModel, AnswersAsAListOfMessagesThatIsCounted) {
  constexpr int kRounds = 50;
  for (unsigned round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    Pair pair(round);
    for (int i = 0; i < kOperations / kRounds; ++i) {
      pair.step();
      if (testing::Test::HasFatalFailure()) return;
      pair.compare();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace privet::imap

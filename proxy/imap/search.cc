#include "proxy/imap/search.h"

#include <algorithm>
#include <utility>

#include "mime/ascii.h"

namespace privet::imap {
namespace {

using Kind = SearchKey::Kind;

bool is_tree(const SearchKey& key) {
  return key.kind == Kind::And || key.kind == Kind::Or || key.kind == Kind::Not;
}

Bitmap local_bits(const View& view, const SearchKey& key) {
  if (key.kind == Kind::All) return Bitmap(view.exists(), true);
  if (key.kind == Kind::Sequence) return bits(view, clip(view, key.set, Numbering::Number));
  if (key.kind == Kind::Uid) return bits(view, clip(view, key.set, Numbering::Uid));
  return Bitmap(view.exists());  // RECENT: no session of a view is the first to be told
}

}  // namespace

SearchPlan::SearchPlan(const SearchKey& tree, const SearchRules& rules) : rules_(rules), tree_(&tree) {
  plan(tree);
}

SearchLeaf::Kind SearchPlan::kind_of(const SearchKey& key) const {
  const auto sensitive_if = [](bool changed) {
    return changed ? SearchLeaf::Kind::Sensitive : SearchLeaf::Kind::Upstream;
  };
  switch (key.kind) {
    case Kind::All:
    case Kind::Sequence:
    case Kind::Uid:
    case Kind::Recent:
      return SearchLeaf::Kind::Local;
    case Kind::Keyword:
      return !rules_.keyword.empty() && mime::equals_ignoring_case(key.text, rules_.keyword)
                 ? SearchLeaf::Kind::Keyword
                 : SearchLeaf::Kind::Upstream;
    case Kind::From:
      return sensitive_if(rules_.from);
    case Kind::Subject:
      return sensitive_if(rules_.subject);
    case Kind::Body:
      return sensitive_if(rules_.body);
    case Kind::Older:
    case Kind::Younger:
      return sensitive_if(rules_.age);
    case Kind::Answered:
    case Kind::Deleted:
    case Kind::Draft:
    case Kind::Flagged:
    case Kind::Seen:
    case Kind::Before:
    case Kind::On:
    case Kind::Since:
    case Kind::SentBefore:
    case Kind::SentOn:
    case Kind::SentSince:
    case Kind::ModSeq:
      return SearchLeaf::Kind::Upstream;
    case Kind::To:
    case Kind::Cc:
    case Kind::Bcc:
    case Kind::Header:
    case Kind::Text:
    case Kind::Larger:
    case Kind::Smaller:
    case Kind::And:
    case Kind::Or:
    case Kind::Not:
      break;
  }
  return SearchLeaf::Kind::Sensitive;
}

bool SearchPlan::only_upstream(const SearchKey& key) const {
  if (!is_tree(key)) return kind_of(key) == SearchLeaf::Kind::Upstream;
  return std::ranges::all_of(key.children, [this](const SearchKey& child) { return only_upstream(child); });
}

void SearchPlan::add_leaf(SearchLeaf leaf) {
  leaves_.push_back(std::move(leaf));
  steps_.push_back(Step::Leaf);
}

void SearchPlan::plan(const SearchKey& key) {
  if (only_upstream(key) && key.kind != Kind::And) {
    add_leaf({SearchLeaf::Kind::Upstream, {&key}});
  } else if (is_tree(key)) {
    plan_children(key);
  } else {
    add_leaf({kind_of(key), {&key}});
  }
}

void SearchPlan::plan_children(const SearchKey& key) {
  const Step combine = key.kind == Kind::Or ? Step::Or : Step::And;
  SearchLeaf together{SearchLeaf::Kind::Upstream, {}};
  bool first = true;
  const auto operand = [&](const auto& add) {
    add();
    if (!first) steps_.push_back(combine);
    first = false;
  };
  for (const SearchKey& child : key.children) {
    if (key.kind == Kind::And && only_upstream(child)) {
      together.keys.push_back(&child);
    } else {
      operand([&] { plan(child); });
    }
  }
  if (!together.keys.empty()) operand([&] { add_leaf(std::move(together)); });
  if (key.kind == Kind::Not) steps_.push_back(Step::Not);
}

std::optional<Range> SearchPlan::scope(const View& view) const {
  Bitmap bits(view.exists(), true);
  const std::span<const SearchKey> required =
      tree_->kind == Kind::And ? std::span(tree_->children) : std::span(tree_, 1);
  for (const SearchKey& key : required) {
    if (!is_tree(key) && kind_of(key) == SearchLeaf::Kind::Local) bits &= local_bits(view, key);
  }
  if (bits.count() == 0) return std::nullopt;
  const auto uid = [&](std::size_t bit) { return view.uid(static_cast<std::uint32_t>(bit + 1)).value_or(0); };
  return Range{uid(bits.select(0)), uid(bits.select(bits.count() - 1))};
}

Bitmap SearchPlan::evaluate(const View& view, std::span<const Bitmap> answers) const {
  std::vector<Bitmap> stack;
  std::size_t next = 0;
  for (const Step step : steps_) {
    if (step == Step::Leaf) {
      const SearchLeaf& leaf = leaves_[next];
      if (leaf.kind == SearchLeaf::Kind::Local) {
        stack.push_back(local_bits(view, *leaf.keys.front()));
      } else {
        stack.emplace_back(view.exists());
        if (next < answers.size()) stack.back() |= answers[next];
      }
      ++next;
    } else if (step == Step::Not) {
      stack.back().flip();
    } else {
      const Bitmap right = std::move(stack.back());
      stack.pop_back();
      if (step == Step::And) {
        stack.back() &= right;
      } else {
        stack.back() |= right;
      }
    }
  }
  return stack.empty() ? Bitmap(view.exists()) : std::move(stack.back());
}

std::vector<std::uint32_t> found(const View& view, const Bitmap& bits, Numbering numbering) {
  if (numbering == Numbering::Uid) return view.uids(bits);
  std::vector<std::uint32_t> numbers;
  numbers.reserve(bits.count());
  for (std::size_t bit = bits.next(0); bit < bits.size(); bit = bits.next(bit + 1))
    numbers.push_back(static_cast<std::uint32_t>(bit + 1));
  return numbers;
}

ESearch extended_result(const View& view, const Bitmap& bits, Numbering numbering,
                        const SearchReturn& wanted) {
  ESearch result;
  result.uid = numbering == Numbering::Uid;
  if (wanted.count) result.count = bits.count();
  const std::vector<std::uint32_t> all = found(view, bits, numbering);
  if (all.empty()) return result;
  if (wanted.min) result.min = all.front();
  if (wanted.max) result.max = all.back();
  if (!wanted.all) return result;
  for (const std::uint32_t number : all) {
    if (!result.all.empty() && result.all.back().last == number - 1) {
      result.all.back().last = number;
    } else {
      result.all.push_back({number, number});
    }
  }
  return result;
}

}  // namespace privet::imap

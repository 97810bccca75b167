#include "policy/decision.h"

#include <algorithm>
#include <string_view>

#include "mime/domain.h"
#include "policy/fold_case.h"

namespace privet::policy {
namespace {

using Names = std::vector<std::string>;
using Keys = std::vector<std::string>;

/// Whether a condition holds with every party there, and whether with all or some of the confidential ones
/// left out.
struct Truth {
  bool now = true;
  bool possibly = true;   ///< holds for some choice of confidential parties
  bool certainly = true;  ///< holds for each choice

  void operator&=(const Truth& other) {
    now = now && other.now;
    possibly = possibly && other.possibly;
    certainly = certainly && other.certainly;
  }
};

Truth constant(bool holds) {
  return {holds, holds, holds};
}

/// AddrSpec::key of each party, sorted by who they are.
struct Message {
  std::string sender;
  Keys open;          // the other parties that are neither internal nor blocked
  Keys confidential;  // those that are
  Keys open_to;       // the same for To, Cc and envelope recipients
  Keys confidential_to;
  std::string subject;
};

class Matcher {
 public:
  Matcher(const Tenant& tenant, const Message& message) : tenant_(tenant), message_(message) {}

  Truth matches(const Rule& rule) const {
    Truth truth;
    if (!rule.subject.empty()) truth &= constant(has_word(rule.subject));
    if (!rule.from.empty()) truth &= constant(is_in(rule.from, message_.sender));
    if (!rule.any.empty()) {
      truth &= some(rule.any, message_.open, message_.confidential, is_in(rule.any, message_.sender));
    }
    if (!rule.to.empty()) truth &= some(rule.to, message_.open_to, message_.confidential_to, false);
    if (!rule.all.empty()) truth &= every(rule.all);
    if (!rule.only.empty()) {
      truth &= constant(is_in(rule.only, message_.sender));
      truth &= every(rule.only);
    }
    return truth;
  }

 private:
  bool is_in(const Names& lists, const std::string& key) const {
    return std::ranges::any_of(lists, [&](const std::string& list) { return tenant_.is_in(list, key); });
  }
  bool any_in(const Names& lists, const Keys& keys) const {
    return std::ranges::any_of(keys, [&](const std::string& key) { return is_in(lists, key); });
  }
  bool all_in(const Names& lists, const Keys& keys) const {
    return std::ranges::all_of(keys, [&](const std::string& key) { return is_in(lists, key); });
  }

  Truth some(const Names& lists, const Keys& open, const Keys& confidential, bool already) const {
    const bool certainly = already || any_in(lists, open);
    const bool now = certainly || any_in(lists, confidential);
    return {now, now, certainly};
  }
  Truth every(const Names& lists) const {
    const bool open = all_in(lists, message_.open);
    const bool now = open && all_in(lists, message_.confidential);
    const bool possibly = open && (!message_.open.empty() || any_in(lists, message_.confidential));
    return {now, possibly, now && !message_.open.empty()};
  }
  bool has_word(const Names& words) const {
    return std::ranges::any_of(words,
                               [&](const std::string& word) { return message_.subject.contains(word); });
  }

  const Tenant& tenant_;
  const Message& message_;
};

bool is_blocked(const Tenant& tenant, const std::string& key) {
  return tenant.is_in("blocked", key) || std::ranges::any_of(tenant.strip, [&](const std::string& list) {
           return list != "internal" && tenant.is_in(list, key);
         });
}

bool is_confidential(const Tenant& tenant, const std::string& key) {
  return tenant.internal.contains_key(key) || is_blocked(tenant, key);
}

bool is_comparable(const mime::AddrSpec& address) {
  return mime::canonical_domain(address.domain).has_value();
}

void sort_by_party(const Tenant& tenant, const std::vector<mime::AddrSpec>& addresses,
                   const std::string& left_out, Keys& open, Keys& confidential) {
  for (const mime::AddrSpec& address : addresses) {
    std::string key = address.key();
    if (key == left_out) continue;
    (is_confidential(tenant, key) ? confidential : open).push_back(std::move(key));
  }
}

/// First match wins, and the lowest of what could match wins over it.
Decision decide_by_rules(const Tenant& tenant, const Message& message) {
  const Matcher matcher(tenant, message);
  Decision first{tenant.default_verdict, "default"};
  Decision lowest{Verdict::Share, ""};
  bool found = false;
  bool decided = false;
  for (const Rule& rule : tenant.rules) {
    const Truth truth = matcher.matches(rule);
    if (truth.now && !found) {
      first = {rule.verdict, rule.id};
      found = true;
    }
    if (truth.possibly && rule.verdict < lowest.verdict) lowest = {rule.verdict, rule.id};
    decided = truth.certainly;
    if (decided) break;
  }
  if (!decided && tenant.default_verdict < lowest.verdict) lowest = {tenant.default_verdict, "default"};
  if (lowest.verdict < first.verdict) {
    return {lowest.verdict, lowest.rule + " (an internal or blocked party never shows more)"};
  }
  return first;
}

}  // namespace

Decision decide(const Tenant& tenant, const Parties& parties) {
  if (!is_comparable(parties.sender) || !std::ranges::all_of(parties.others, is_comparable) ||
      !std::ranges::all_of(parties.to, is_comparable)) {
    return {Verdict::Hide, "a party's address cannot be compared"};
  }
  Message message;
  message.sender = parties.sender.key();
  if (is_blocked(tenant, message.sender)) return {Verdict::Hide, "the sender is blocked"};

  sort_by_party(tenant, parties.others, message.sender, message.open, message.confidential);
  sort_by_party(tenant, parties.to, "", message.open_to, message.confidential_to);
  const bool internal_sender = tenant.internal.contains_key(message.sender);
  if (message.open.empty() && message.confidential.empty() && !internal_sender) {
    return {Verdict::Hide, "no party but the sender"};
  }
  if (message.open.empty() && internal_sender) return {Verdict::Hide, "only internal and blocked parties"};

  message.subject = fold_case(parties.subject);
  Decision decision = decide_by_rules(tenant, message);
  if (parties.marked_sensitive && decision.verdict == Verdict::Share) {
    decision = {Verdict::Private, "sender's Sensitivity mark"};
  }
  return decision;
}

}  // namespace privet::policy

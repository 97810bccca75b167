#include "policy/decision.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/policy/support.h"

namespace privet::policy {
namespace {

const std::string kLists =
    "lists:\n"
    "  blocked: [steuer@kanzlei.example, praxis.example, vip@bigco.example]\n"
    "  board: [chair@board.example, boss@acme.example]\n"
    "  customers: [bigco.example, .bigco.example, bob@small.example]\n";

Parties parties(std::string_view sender, std::initializer_list<const char*> others) {
  Parties parties;
  parties.sender = address(sender);
  for (const char* other : others) {
    parties.others.push_back(address(other));
    parties.to.push_back(address(other));
  }
  return parties;
}

Decision decide_with(const std::string& rules, const Parties& parties) {
  return decide(load(kBase + kLists + rules).tenant, parties);
}

struct Row {
  const char* name;
  std::string rules;
  Parties parties;
  Verdict verdict;
  const char* rule;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

class Decides : public testing::TestWithParam<Row> {};

TEST_P(Decides, VerdictAndRule) {
  const Decision decision = decide_with(GetParam().rules, GetParam().parties);
  EXPECT_EQ(to_string(decision.verdict), to_string(GetParam().verdict));
  EXPECT_EQ(decision.rule, GetParam().rule);
}

Parties with_subject(std::string subject) {
  Parties result = parties("anna@acme.example", {"bob@bigco.example"});
  result.subject = std::move(subject);
  return result;
}

Parties sensitive() {
  Parties result = parties("anna@acme.example", {"bob@bigco.example"});
  result.marked_sensitive = true;
  return result;
}

const std::string kShare = "default: share\n";
constexpr const char* kAnna = "anna@acme.example";

INSTANTIATE_TEST_SUITE_P(
    Fixed, Decides,
    testing::Values(
        Row{"OnlyInternal", kShare, parties(kAnna, {"tom@acme.example"}), Verdict::Hide,
            "only internal and blocked parties"},
        Row{"InternalAndBlocked", kShare, parties(kAnna, {"tom@x.acme.example", "dr@praxis.example"}),
            Verdict::Hide, "only internal and blocked parties"},
        Row{"NobodyElse", kShare, parties(kAnna, {}), Verdict::Hide, "only internal and blocked parties"},
        Row{"OnlyHerself", kShare, parties(kAnna, {"Anna+crm@acme.example"}), Verdict::Hide,
            "only internal and blocked parties"},
        Row{"StrangerAlone", kShare, parties("x@y.example", {}), Verdict::Hide, "no party but the sender"},
        Row{"BlockedSender", kShare, parties("dr@praxis.example", {"bob@bigco.example"}), Verdict::Hide,
            "the sender is blocked"},
        Row{"CustomerWritesIn", kShare, parties("bob@bigco.example", {kAnna}), Verdict::Share, "default"},
        Row{"BadDomain", kShare,
            Parties{.sender = address(kAnna),
                    .others = {{"bob", "bigco..example"}},
                    .to = {},
                    .subject = "",
                    .marked_sensitive = false},
            Verdict::Hide, "a party's address cannot be compared"},
        Row{"Default", "", parties(kAnna, {"x@y.example"}), Verdict::Private, "default"},
        Row{"SensitiveLowersShare", kShare, sensitive(), Verdict::Private, "sender's Sensitivity mark"},
        Row{"SensitiveKeepsHide", "default: hide\n", sensitive(), Verdict::Hide, "default"},
        Row{"SenderOnAnotherStrippedList", "strip: [internal, board]\ndefault: share\n",
            parties("chair@board.example", {"bob@bigco.example"}), Verdict::Hide, "the sender is blocked"}),
    [](const auto& row) { return row.param.name; });

std::string rule(const std::string& when, const std::string& verdict = "share") {
  return "rules: [{when: {" + when + "}, do: " + verdict + "}]\n";
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Decides,
    testing::Values(
        Row{"AnyRecipient", rule("any: customers"), parties(kAnna, {"x@y.example", "bob@bigco.example"}),
            Verdict::Share, "rule 1"},
        Row{"AnySender", rule("any: customers"), parties("bob@bigco.example", {kAnna}), Verdict::Share,
            "rule 1"},
        Row{"AnyOfTwoLists", rule("any: [board, customers]"), parties(kAnna, {"bob@small.example"}),
            Verdict::Share, "rule 1"},
        Row{"AnyNobody", rule("any: customers"), parties(kAnna, {"eve@small.example"}), Verdict::Private,
            "default"},
        Row{"AllOthers", rule("all: customers"), parties(kAnna, {"bob@bigco.example", "x@sub.bigco.example"}),
            Verdict::Share, "rule 1"},
        Row{"AllButOne", rule("all: customers"), parties(kAnna, {"bob@bigco.example", "x@y.example"}),
            Verdict::Private, "default"},
        Row{"AllWithColleague", rule("all: [internal, customers]"),
            parties(kAnna, {"tom@acme.example", "bob@bigco.example"}), Verdict::Share, "rule 1"},
        Row{"OnlyWithSender", rule("only: [internal, customers]"), parties(kAnna, {"bob@bigco.example"}),
            Verdict::Share, "rule 1"},
        Row{"OnlyWithoutSender", rule("only: customers"), parties(kAnna, {"bob@bigco.example"}),
            Verdict::Private, "default"},
        Row{"FromList", rule("from: internal"), parties(kAnna, {"x@y.example"}), Verdict::Share, "rule 1"},
        Row{"FromNot", rule("from: customers"), parties(kAnna, {"bob@bigco.example"}), Verdict::Private,
            "default"},
        Row{"ToList", rule("to: customers"), parties(kAnna, {"bob@bigco.example"}), Verdict::Share, "rule 1"},
        Row{"ToIsNotTheSender", rule("to: customers"), parties("bob@bigco.example", {kAnna, "x@y.example"}),
            Verdict::Private, "default"},
        Row{"SubjectWord", rule("subject: ['[Öffentlich]']"), with_subject("Re: [ÖFFENTLICH] Angebot"),
            Verdict::Share, "rule 1"},
        Row{"SubjectWithout", rule("subject: [public]"), with_subject("publik"), Verdict::Private, "default"},
        Row{"EveryConditionCounts", rule("any: customers, subject: [offer]"), with_subject("hello"),
            Verdict::Private, "default"},
        Row{"FirstMatchWins",
            "rules: [{when: {from: internal}, do: private}, {when: {any: customers}, do: share}]\n",
            parties(kAnna, {"bob@bigco.example"}), Verdict::Private, "rule 1"},
        Row{"BoardIsInternalToo",
            "rules: [{when: {any: board}, do: hide}, {when: {any: customers}, do: share}]\n",
            parties(kAnna, {"bob@bigco.example", "boss@acme.example"}), Verdict::Hide, "rule 1"},
        Row{"BlockedCustomerDoesNotShare", rule("any: customers"),
            parties(kAnna, {"x@y.example", "vip@bigco.example"}), Verdict::Private,
            "default (an internal or blocked party never shows more)"},
        Row{"ColleagueDoesNotShare", rule("to: internal"),
            parties(kAnna, {"x@y.example", "tom@acme.example"}), Verdict::Private,
            "default (an internal or blocked party never shows more)"},
        Row{"ColleagueDoesNotEscape", "default: share\n" + rule("all: customers", "hide"),
            parties(kAnna, {"bob@bigco.example", "tom@acme.example"}), Verdict::Hide,
            "rule 1 (an internal or blocked party never shows more)"}),
    [](const auto& row) { return row.param.name; });

TEST(Decision, DoesNotCountHerselfAmongTheOthers) {
  const Decision decision =
      decide_with(rule("all: customers"), parties(kAnna, {"bob@bigco.example", "anna@acme.example"}));
  EXPECT_EQ(decision.verdict, Verdict::Share);
}

TEST(Decision, IsNeverRaisedByAnInternalOrBlockedParty) {
  std::mt19937 random(20260101);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::vector<std::string> lists = {"internal", "blocked", "board", "customers"};
  const std::vector<std::string> conditions = {"any", "all", "only", "from", "to"};
  const std::vector<std::string> verdicts = {"share", "private", "hide"};
  const std::vector<const char*> confidential = {"tom@acme.example", "boss@acme.example", "dr@praxis.example",
                                                 "vip@bigco.example", "x@sub.acme.example"};
  const std::vector<const char*> open = {"bob@bigco.example", "x@y.example", "chair@board.example",
                                         "bob@small.example"};
  std::size_t lowered = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string rules = "default: " + verdicts[below(3)] + "\nrules:\n";
    for (std::size_t i = 0; i <= below(5); ++i) {
      rules += "  - {when: {" + conditions[below(5)] + ": [" + lists[below(4)] + ", " + lists[below(4)] +
               "]}, do: " + verdicts[below(3)] + "}\n";
    }
    const Tenant tenant = load(kBase + kLists + rules).tenant;
    for (int message = 0; message < 20; ++message) {
      Parties before =
          parties(below(2) ? kAnna : open[below(4)], {below(2) ? open[below(4)] : confidential[below(5)]});
      for (std::size_t i = 0; i < below(4); ++i)
        before.others.push_back(address(below(2) ? open[below(4)] : confidential[below(5)]));
      Parties after = before;
      const mime::AddrSpec added = address(confidential[below(5)]);
      after.others.insert(after.others.begin() + static_cast<std::ptrdiff_t>(below(after.others.size() + 1)),
                          added);
      if (below(2)) after.to.push_back(added);
      const Verdict was = decide(tenant, before).verdict;
      const Verdict is = decide(tenant, after).verdict;
      // A message to nobody but its sender has no verdict worth keeping.
      if (decide(tenant, before).rule == "no party but the sender") continue;
      ASSERT_LE(is, was) << rules << before.sender.to_string() << " + " << added.to_string();
      lowered += is < was ? 1 : 0;
    }
  }
  EXPECT_GT(lowered, 0u);
}

}  // namespace
}  // namespace privet::policy

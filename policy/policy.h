// Policy: every tenant's rules, compiled and immutable. A session keeps the shared_ptr it started its
// transaction with.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/address.h"
#include "policy/list.h"
#include "policy/network.h"
#include "policy/pattern.h"

namespace privet::policy {

/// What the CRM gets of one message; higher shows more (design: the verdict ladder).
enum class Verdict { Hide, Private, Share };
std::string_view to_string(Verdict verdict);

/// The domain of a built-in CRM profile's addresses; empty for a profile that has none.
std::string_view profile_domain(std::string_view profile);
/// True for an address at or below a built-in profile's domain, whoever owns it.
bool is_at_builtin_crm(const mime::AddrSpec& address);

enum class TlsMode { None, StartTls, Implicit };

struct Endpoint {
  std::string host;  ///< a name or an IP literal without brackets
  std::uint16_t port = 587;

  bool operator==(const Endpoint&) const = default;
};

/// A mail server of a tenant: where its mail goes (for trying out: Maildirs on this machine), or where its
/// mailboxes are.
struct MailServer {
  std::vector<Endpoint> hosts;  ///< the next is tried when one fails
  std::string srv;              ///< instead of hosts: the domain whose SRV records name them (RFC 6186)
  TlsMode tls = TlsMode::StartTls;
  std::string ca_file;  ///< PEM of a private authority; empty: the system's
  std::string maildir;  ///< not empty: file mail here, one Maildir per recipient, and connect nowhere

  bool operator==(const MailServer&) const = default;
};

/// Another way for copies, when the sender's own login cannot be used any more.
struct Relay {
  MailServer smtp;       ///< no maildir
  std::string user;      ///< empty: it lets us in by our address, without a login
  std::string password;  ///< never in a log or an error
};

/// What becomes of a copy that could not be sent at once.
struct CopyRoute {
  std::optional<Relay> relay;
  bool notify = true;  ///< the sender hears of a copy that is given up
  std::chrono::seconds lifetime = std::chrono::days(3);
};

/// A CRM of a tenant and the addresses that reach it.
struct Crm {
  std::string profile;             ///< "pipedrive" or "generic"
  std::vector<Pattern> addresses;  ///< Exact, AnyTag; for generic Domain too

  bool matches(const mime::AddrSpec& address) const;
};

/// One matcher. Every condition that is set must hold.
struct Rule {
  std::vector<std::string> any, all, only, from, to;  ///< list names
  std::vector<std::string> subject;  ///< UTF-8 words, found without case anywhere in the decoded subject
  Verdict verdict = Verdict::Private;
  bool floor = false;  ///< nobody may raise above it
  std::string id;      ///< "rule 2" for logs and explain: its place in the file, from 1
};

/// What a CRM's mail sync may see of one person's mailboxes, and do there, whatever the verdicts say.
struct ViewScope {
  std::vector<std::string> folders;  ///< UTF-8 names; empty: every one but drafts, junk, trash and "all mail"
  std::optional<std::chrono::sys_days> since;  ///< older messages do not exist
  bool hide = false;                           ///< nothing is seen at all
  bool write = false;                          ///< what is seen may be changed; never with `hide`
};

/// Settings of one person, who is internal.
struct Person {
  std::optional<std::vector<std::string>> folders;
  std::optional<std::chrono::sys_days> since;
  bool hide = false;        ///< no copy of what they send, no view of their mailboxes
  bool everywhere = false;  ///< with `hide`: nor of any message that they are a party of
};

struct Tenant {
  std::string name;
  /// Of everything that this tenant's file and the lists it names say, and of how it is understood: what was
  /// decided under another epoch has to be decided again.
  std::uint64_t epoch = 0;
  List internal;                     ///< domains, lists.internal
  std::vector<std::string> domains;  ///< canonical, for the login; ".domain" entries keep their dot
  std::vector<std::string> names;    ///< host names that clients connect to, canonical
  std::optional<MailServer> smtp;    ///< where mail goes; null where Privet only shows mailboxes
  CopyRoute copy;
  std::optional<MailServer> imap;  ///< where the mailboxes are, no maildir; null where it only takes mail
  ViewScope view;
  std::map<std::string, Person, std::less<>> people;  ///< by AddrSpec::key
  std::vector<Crm> crms;  ///< at least one; their addresses may be left out where `smtp` is null
  std::map<std::string, List, std::less<>> lists;  ///< by name; "internal" and "blocked" always
  std::vector<std::string> strip;                  ///< list names
  Verdict default_verdict = Verdict::Private;
  std::vector<Rule> rules;
  std::vector<Network> trusted_networks;  ///< whose clients need no login; empty by default

  /// The CRM an address belongs to, or nullptr. Local part without case.
  const Crm* find_crm(const mime::AddrSpec& address) const;
  /// True when the list of that name has an entry for an AddrSpec::key.
  bool is_in(std::string_view list, std::string_view key) const;
  /// True when `strip` names a list with this address, or it is a CRM address of this tenant.
  bool strips(const mime::AddrSpec& address) const;
  /// What may be seen of the mailboxes of the user with this login. Where it is not sure whose they are, and
  /// `people` has rules for some: nothing.
  ViewScope view_of(std::string_view login) const;
  /// The settings of an AddrSpec::key, or nullptr.
  const Person* find_person(std::string_view key) const;
  /// True when the login "anna@acme.com" belongs here.
  bool owns_domain(std::string_view canonical_domain) const;
};

/// Where a recipient of an envelope belongs.
enum class RecipientKind {
  Person,      ///< to the upstream
  Crm,         ///< a CRM address of the tenant: held back, gets a copy of its own
  ForeignCrm,  ///< a CRM address the tenant may not use: refused
  Unreadable,  ///< not surely an address: refused, because a laxer reader could find a CRM address in it
};

class Policy {
 public:
  explicit Policy(std::vector<Tenant> tenants);
  const std::vector<Tenant>& tenants() const { return tenants_; }
  const Tenant* find(std::string_view name) const;
  /// The tenant a login belongs to: by its domain; a login without a domain belongs to the only tenant, if
  /// there is one.
  const Tenant* find_by_login(std::string_view login) const;
  /// The tenant with this host name among its `names`; `server_name` as a TLS client asks for it (SNI).
  const Tenant* find_by_name(std::string_view server_name) const;
  /// The tenant whose trusted_networks hold this IP literal.
  const Tenant* find_trusting(const std::string& client_address) const;
  /// True for an address that reaches a CRM though `tenant` may not use it: another tenant's, or one of a
  /// built-in profile's domains that nobody configured.
  bool is_foreign_crm(const Tenant& tenant, const mime::AddrSpec& address) const;
  /// `forward_path` without angle brackets, as the client named it; "postmaster" is a person.
  RecipientKind recipient_kind(const Tenant& tenant, std::string_view forward_path) const;

 private:
  std::vector<Tenant> tenants_;
  std::map<std::string, std::vector<Pattern>, std::less<>> crm_patterns_;  // by domain
};

}  // namespace privet::policy

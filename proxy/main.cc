// The command line: privet serve | check | explain | queue | certificate (design section 4). Exit 2 for
// usage, 1 for failure; errors go to standard error as one line.
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "certs/authority.h"
#include "proxy/config.h"
#include "proxy/explain.h"
#include "proxy/limits.h"
#include "proxy/net/listener.h"
#include "proxy/queue.h"
#include "proxy/server.h"

namespace {

using privet::Error;

constexpr int kOk = 0;
constexpr int kFailure = 1;
constexpr int kUsage = 2;
constexpr int kCertificateDays = 30;

int complain(const Error& error) {
  std::cerr << error.to_string() << "\n";
  return kFailure;
}

// Memory holds passwords and mail: no core file, and no other process of the same user may read it.
bool keep_memory_private() {
  constexpr rlimit kNoCore{.rlim_cur = 0, .rlim_max = 0};
  return setrlimit(RLIMIT_CORE, &kNoCore) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
}

/// Of its own accord the C library raises that size to 32 MiB after the first large message, and keeps the
/// text of twenty of them: 170 MiB instead of 80.
void return_memory() {
  mallopt(M_MMAP_THRESHOLD, privet::limits::kReturnedAtOnce);
}

int serve(const std::string& path, bool announce_ports) {
  return_memory();
  if (!keep_memory_private()) return complain({.what = "cannot keep memory out of core files"});
  // A client that leaves in the middle of a write is an error code, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  auto config = privet::load_config(path);
  if (!config) return complain(config.error());
  privet::log::configure((*config)->log_level, (*config)->log_json);
  for (const Error& warning : (*config)->warnings) std::cerr << "warning: " << warning.to_string() << "\n";
  std::error_code error;
  std::filesystem::create_directories((*config)->state, error);
  if (error)
    return complain({.what = "cannot make the state folder: " + error.message(), .file = (*config)->state});
  privet::net::raise_file_limit();
  privet::Server server(*config, [path] { return privet::load_config(path); });
  server.take_signals();
  const auto ports = server.listen();
  if (!ports) return complain(ports.error());
  for (std::size_t i = 0; i < ports->size(); ++i) {
    const std::string place = (*config)->listeners[i].address + ":" + std::to_string((*ports)[i]);
    privet::log::event(
        privet::log::Level::Info, "listening",
        {{"address", place}, {"protocol", std::string(privet::to_string((*config)->listeners[i].protocol))}});
    if (announce_ports) std::cout << "listening " << place << std::endl;
  }
  server.run();
  privet::log::event(privet::log::Level::Info, "stopped", {});
  return kOk;
}

int check(const std::string& path) {
  const auto config = privet::load_config(path);
  if (!config) return complain(config.error());
  for (const Error& warning : (*config)->warnings) std::cerr << "warning: " << warning.to_string() << "\n";
  std::cout << "ok: " << (*config)->policy->tenants().size() << " tenant(s), " << (*config)->listeners.size()
            << " listener(s)\n";
  return kOk;
}

// Messages in files mostly end their lines with LF; on the wire each would have ended with CRLF.
std::string with_crlf(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n' && !result.ends_with('\r')) result += '\r';
    result += c;
  }
  return result;
}

struct ExplainOptions {
  std::string config, tenant, from, mailbox;
  std::vector<std::string> to;
  bool copy = false, json = false;
};

int explain(const ExplainOptions& options) {
  const auto policy = privet::load_policy_only(options.config);
  if (!policy) return complain(policy.error());
  const privet::policy::Tenant* tenant = (*policy)->find(options.tenant);
  if (options.tenant.empty() && (*policy)->tenants().size() == 1) tenant = &(*policy)->tenants().front();
  const privet::policy::Tenant* const owner = (*policy)->find_by_login(options.mailbox);
  if (options.tenant.empty() && tenant == nullptr) tenant = owner;
  if (tenant == nullptr) return complain({.what = "no tenant is called '" + options.tenant + "' (--tenant)"});
  if (!options.mailbox.empty() && tenant != owner)
    return complain(
        {.what = "'" + options.mailbox + "' is no login of tenant " + tenant->name + " (--mailbox)"});
  if (!options.mailbox.empty() && !tenant->imap)
    return complain({.what = "tenant " + tenant->name + " has no upstream.imap (--mailbox)"});
  std::string content{std::istreambuf_iterator<char>(std::cin), {}};
  if (content.empty())
    return complain({.what = "there is no message on standard input (explain ... <message.eml)"});
  const auto form = options.copy   ? privet::ExplainForm::Copy
                    : options.json ? privet::ExplainForm::Json
                                   : privet::ExplainForm::Text;
  const privet::ExplainRequest request{.reverse_path = options.from,
                                       .recipients = options.to,
                                       .mailbox = options.mailbox,
                                       .content = with_crlf(content),
                                       .form = form};
  return privet::explain(**policy, *tenant, request, std::cout);
}

// Fills `options` and sets the verb, which belongs to whichever subcommand is found on the command line.
void add_queue_commands(CLI::App& queue_command, privet::QueueOptions& options) {
  using Verb = privet::QueueOptions::Verb;
  queue_command.require_subcommand(0, 1);
  const auto add = [&](const char* name, Verb verb, const char* what) {
    CLI::App* const command = queue_command.add_subcommand(name, what)->fallthrough();
    command->callback([&options, verb] { options.verb = verb; });
    return command;
  };
  CLI::App* const list = add("list", Verb::List, "Say what waits, oldest first");
  list->add_option("--tenant", options.tenant, "Only copies of this tenant");
  list->add_flag("--json", options.json, "For machines");
  CLI::App* const show = add("show", Verb::Show, "Say all that is known of one copy");
  show->add_option("id", options.ids, "As in the list and in the log (copy=)")->required()->expected(1);
  CLI::Option* const content =
      show->add_flag("--content", options.content, "Write the copy as the CRM gets it, and nothing else");
  show->add_flag("--json", options.json, "For machines")->excludes(content);
  CLI::App* const flush = add("flush", Verb::Flush, "Try copies now instead of later");
  CLI::Option_group* const which = flush->add_option_group("which copies");
  which->add_option("ids", options.ids, "These");
  which->add_option("--tenant", options.tenant, "All of this tenant that wait")
      ->check([](const std::string& name) { return name.empty() ? "--tenant needs a name" : ""; });
  which->add_flag("--all", options.all, "All that wait");
  which->require_option(1);
  add("hold", Verb::Hold, "Keep copies from being tried")->add_option("ids", options.ids)->required();
  add("release", Verb::Release, "Let held copies go, at once")->add_option("ids", options.ids)->required();
  add("remove", Verb::Remove, "Give copies up; nobody is told")->add_option("ids", options.ids)->required();
}

int queue(const std::string& config, privet::QueueOptions options) {
  const auto state = privet::load_state_only(config);
  if (!state) return complain(state.error());
  options.folder = *state + "/spool";
  return privet::queue(options, std::time(nullptr), std::cout, std::cerr);
}

bool write_file(const std::filesystem::path& path, const std::string& text, std::filesystem::perms mode) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  std::error_code error;
  std::filesystem::permissions(path, mode, error);
  out << text;
  return static_cast<bool>(out.flush()) && !error;
}

int make_certificates(const std::string& folder, const std::vector<std::string>& names) {
  namespace fs = std::filesystem;
  constexpr auto kPrivate = fs::perms::owner_read | fs::perms::owner_write;
  std::error_code error;
  for (const char* name : {"authority.pub", "default.crt", "default.key"}) {
    const fs::path made = fs::path(folder) / name;
    if (fs::exists(made, error))
      return complain({.what = "exists already: remove it first if nobody needs it", .file = made.string()});
  }
  fs::create_directories(folder, error);
  const auto authority = privet::certs::Authority::make("Privet throw-away authority", kCertificateDays);
  const auto leaf = authority.issue(names, kCertificateDays);
  // authority.pub is no .pem or .crt, so that the folder can be the certificates folder itself.
  const bool written =
      write_file(fs::path(folder) / "authority.pub", authority.certificate(), fs::perms(0644)) &&
      write_file(fs::path(folder) / "default.crt", leaf.certificate, fs::perms(0644)) &&
      write_file(fs::path(folder) / "default.key", leaf.key, kPrivate);
  return written ? kOk : complain({.what = "cannot write certificates", .file = folder});
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Privet: a privacy hedge between your mail and your CRM"};
  app.require_subcommand(0, 1);  // that there is one is asked below, so that a mistyped one is named
  app.set_version_flag("--version", "privet " PRIVET_VERSION);
  std::string config;
  bool announce_ports = false;
  auto* serve_command = app.add_subcommand("serve", "Run the proxy");
  serve_command->add_option("-c,--config", config, "privet.yaml")->required();
  serve_command->add_flag("--announce-ports", announce_ports,
                          "Print each listening address to standard output");
  auto* check_command =
      app.add_subcommand("check", "Say whether the configuration is right, and where it is not");
  check_command->add_option("-c,--config", config, "privet.yaml")->required();

  ExplainOptions options;
  auto* explain_command =
      app.add_subcommand("explain", "Say what each side would get of the message on standard input, and why");
  explain_command->add_option("-c,--config", options.config, "privet.yaml")->required();
  explain_command->add_option("--tenant", options.tenant, "Whose policy; may be left out when there is one");
  auto* from = explain_command->add_option("--from", options.from, "Sender of the envelope");
  auto* to = explain_command
                 ->add_option("--to", options.to, "Recipient of the envelope, CRM addresses included; repeat")
                 ->allow_extra_args(false)  // else a file's name would be taken for one
                 ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
                 ->needs(from);
  from->needs(to);
  explain_command->add_option("--mailbox", options.mailbox, "Login of the person in whose mailbox it lies");
  auto* copy = explain_command->add_flag("--copy", options.copy, "Write the CRM copy alone")->needs(to);
  explain_command->add_flag("--json", options.json, "For machines")->excludes(copy);

  privet::QueueOptions queue_options;
  auto* queue_command =
      app.add_subcommand("queue", "Copies that wait for their CRM: look at them, act on them");
  queue_command->add_option("-c,--config", config, "privet.yaml")->required();
  add_queue_commands(*queue_command, queue_options);

  std::string folder;
  std::vector<std::string> names;
  auto* certificate_command = app.add_subcommand(
      "certificate",
      "Make a throw-away authority (authority.pub) and a certificate (default.crt, default.key)");
  certificate_command->add_option("folder", folder, "Where to write them")->required();
  certificate_command->add_option("names", names, "DNS names and IP addresses")->required();

  try {
    app.parse(argc, argv);
    const bool is_half = app.get_subcommands().empty() ||
                         (queue_command->parsed() && queue_command->get_subcommands().empty());
    if (is_half) throw CLI::RequiredError::Subcommand(1);
    if (explain_command->parsed() && options.to.empty() && options.mailbox.empty())
      throw CLI::RequiredError("--to, --mailbox or both");
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == kOk) return app.exit(error);  // --help, --version
    std::cerr << "privet: " << error.what() << " (privet --help)\n";
    return kUsage;
  }
  if (serve_command->parsed()) return serve(config, announce_ports);
  if (check_command->parsed()) return check(config);
  if (explain_command->parsed()) return explain(options);
  if (queue_command->parsed()) return queue(config, queue_options);
  return make_certificates(folder, names);
}

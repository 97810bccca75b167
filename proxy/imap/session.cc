#include "proxy/imap/session.h"

#include <algorithm>
#include <exception>

#include "proxy/imap/write.h"
#include "proxy/limits.h"
#include "proxy/log.h"

namespace privet::imap {

namespace {

constexpr std::string_view kBadCommand = "BAD ";
const CommandFramer::Limits kAfterLogin{limits::kImapLine, limits::kImapLiterals};

template <class... Commands>
bool is_one_of(const CommandBody& body) {
  return (std::holds_alternative<Commands>(body) || ...);
}

}  // namespace

Session::Session(Environment& environment, net::Stream client, const Listening& listening, std::string id)
    : environment_(environment),
      client_(std::move(client)),
      listening_(listening),
      id_(std::move(id)),
      policy_(environment.policy),
      admission_(*environment.guard),
      framer_(CommandFramer::Limits{}),
      client_address_(client_.peer_address()),
      wake_(environment.loop),
      login_deadline_(environment.loop.after(limits::kBeforeLogin)) {}

Session::~Session() = default;

net::Task<void> Session::run() {
  std::string farewell, cause;
  try {
    const bool welcome = co_await greet();
    if (welcome) co_await talk();
  } catch (const UpstreamError& error) {
    farewell = "BYE [UNAVAILABLE] The mail server is not available, try again later";
    cause = std::string("the server ") + error.what();
  } catch (const StateError& error) {
    farewell = "BYE [UNAVAILABLE] Try again later";
    cause = error.what();
  }
  if (!cause.empty()) {
    log::event(log::Level::Warning, "mailbox session ended",
               {{"session", id_}, {"tenant", tenant_ == nullptr ? "" : tenant_->name}, {"cause", cause}});
  }
  if (!farewell.empty() && !in_answer_) say_untagged(farewell);
  if (upstream_) upstream_->log_out();
  if (other_upstream_) other_upstream_->log_out();
  client_.end_output();
  co_await client_.finish(environment_.loop.after(limits::kFarewell));
}

net::Task<void> Session::talk() {
  while (state_ != State::Leaving) {
    const std::optional<Command> command = co_await next_command();
    if (!command) co_return;
    if (!is_one_of<command::Logout, command::Unselect>(command->body)) {
      const bool stays = co_await keep_to_rules();
      if (!stays) co_return;
    }
    co_await execute(*command);
    co_await room();  // whoever does not read is asked no more
  }
}

net::Task<std::optional<Command>> Session::next_command() {
  while (true) {
    const std::string_view input = client_.input();
    const CommandFramer::Step step = framer_.feed(input);
    if (step.event == CommandFramer::Event::Octets && incoming_)
      incoming_->content += input.substr(0, step.used);
    client_.consume(step.used);
    switch (step.event) {
      case CommandFramer::Event::NeedMore: {
        const bool more = co_await wait_for_client();
        if (!more) co_return std::nullopt;
        break;
      }
      case CommandFramer::Event::Literal:
        if (framer_.waits()) client_.put("+ OK\r\n");
        framer_.accept();
        break;
      case CommandFramer::Event::Message:
        co_await begin_message();
        break;
      case CommandFramer::Event::Octets:
        break;
      case CommandFramer::Event::Refused: {
        incoming_.reset();
        const std::string tag(read_tag(framer_.frame()));
        say(tag.empty() ? "*" : tag, std::string(kBadCommand).append(framer_.refusal()));
        if (++errors_ >= limits::kErrors) {
          say_untagged("BYE Too many errors");
          co_return std::nullopt;
        }
        break;
      }
      case CommandFramer::Event::Broken:
        say_untagged(std::string("BYE ").append(framer_.refusal()));
        co_return std::nullopt;
      case CommandFramer::Event::Command: {
        auto command = parse_command(framer_.frame());
        if (command) co_return std::move(*command);
        say(command.error().tag, (command.error().no ? "NO " : "BAD ") + std::string(command.error().text));
        if (!command.error().no && ++errors_ >= limits::kErrors) {
          say_untagged("BYE Too many errors");
          co_return std::nullopt;
        }
        break;
      }
    }
  }
}

net::Task<bool> Session::wait_for_client() {
  idle_ = framer_.between_commands();
  const bool ends = environment_.draining && idle_;
  net::Input input = net::Input::Interrupted;
  if (!ends) input = co_await client_.fill(command_deadline());
  idle_ = false;
  switch (input) {
    case net::Input::Bytes:
      co_return true;
    case net::Input::Interrupted:
      say_untagged("BYE [UNAVAILABLE] Shutting down, try again later");
      break;
    case net::Input::TimedOut:
      say_untagged("BYE Nothing was heard for too long");
      break;
    case net::Input::End:
      break;
  }
  co_return false;
}

std::optional<std::string_view> Session::out_of_place(const CommandBody& body) const {
  if (is_one_of<command::Capability, command::Noop, command::Logout, command::Id>(body)) return std::nullopt;
  if (is_one_of<command::StartTls, command::Login, command::Authenticate>(body)) {
    if (state_ != State::Greeted) return "BAD Already logged in";
    return std::nullopt;
  }
  if (state_ == State::Greeted) return "BAD Log in first";
  const bool needs_mailbox =
      is_one_of<command::Check, command::Close, command::Unselect, command::Expunge, command::Search,
                command::Fetch, command::Store, command::Copy, command::Move>(body);
  if (needs_mailbox && state_ != State::Selected) return "BAD No mailbox selected";
  return std::nullopt;
}

net::Task<bool> Session::keep_to_rules() {
  // Also where they read as before: another session may have taken what was between.
  while (tenant_ != nullptr && environment_.policy != policy_) {
    const bool stays = co_await take_new_rules();
    if (!stays) {
      say_untagged("BYE [UNAVAILABLE] The rules have changed, connect again");
      co_return false;
    }
  }
  co_return true;
}

net::Task<bool> Session::take_new_rules() {
  const auto policy = environment_.policy;
  const policy::Tenant* const now = policy->find(tenant_->name);
  const bool same_place = now != nullptr && now->imap == tenant_->imap && now->domains == tenant_->domains &&
                          now->view_of(user_).write == may_write();
  if (!same_place) co_return false;
  policy_ = policy;
  tenant_ = now;
  knows_folders_ = false;
  if (!mailbox_) co_return true;
  co_await learn_folders();
  const bool there = std::ranges::any_of(
      folders_, [&](const Folder& folder) { return folder.allowed && folder.wire == mailbox_->name(); });
  if (!there) co_return false;
  co_return co_await mailbox_->take_rules(owner(), keep_awake());
}

net::Task<void> Session::execute(const Command& command) {
  if (const auto refusal = out_of_place(command.body)) {
    say(command.tag, *refusal);
    if (++errors_ >= limits::kErrors) state_ = State::Leaving;
    co_return;
  }
  auto handling = std::visit([&](const auto& body) { return handle(command.tag, body); }, command.body);
  co_await handling;
  errors_ = 0;  // in a row: a session may last for weeks
  if (state_ != State::Greeted) framer_.set_limits(kAfterLogin);
}

net::Task<void> Session::handle(Tag tag, const command::Capability&) {
  say_untagged("CAPABILITY " + capabilities());
  say(tag, "OK Capability completed");
  co_return;
}

net::Task<void> Session::handle(Tag tag, const command::Noop&) {
  if (mailbox_) {
    co_await mailbox_->ask_for_changes();
    co_await tell_changes(true);
  }
  say(tag, "OK NOOP completed");
}

net::Task<void> Session::handle(Tag tag, const command::Check&) {
  co_await mailbox_->ask_for_changes();
  co_await tell_changes(true);
  say(tag, "OK Check completed");
}

net::Task<void> Session::handle(Tag tag, const command::Logout&) {
  say_untagged("BYE Logging out");
  say(tag, "OK Logout completed");
  state_ = State::Leaving;
  co_return;
}

net::Task<void> Session::handle(Tag tag, const command::Id&) {
  say_untagged("ID (\"name\" \"Privet\")");
  say(tag, "OK ID completed");
  co_return;
}

net::Task<void> Session::tell_changes(bool expunges) {
  if (mailbox_->is_behind() || mailbox_->is_unsettled()) co_await mailbox_->catch_up();
  // Numbers of a command that was sent already must mean what they meant to its client (RFC 9051 5.5).
  if (expunges && framer_.between_commands() && client_.input().empty()) tell_expunges();
  if (const auto exists = mailbox_->take_exists()) {
    say_untagged(std::to_string(*exists) + " EXISTS");
    say_untagged("0 RECENT");
  }
  co_await tell_flag_changes(false);
}

net::Task<void> Session::tell_flag_changes(bool with_uid) {
  Mailbox::FlagChanges changes = mailbox_->take_flag_changes();
  if (condstore_ && mailbox_->has_modseq()) co_await complete_modseqs(changes);
  for (const auto& [uid, change] : changes) tell_flags(uid, change, with_uid);
}

void Session::tell_expunges() {
  for (const Message& gone : mailbox_->take_expunges())
    say_untagged(std::to_string(gone.number) + " EXPUNGE");
}

void Session::tell_flags(std::uint32_t uid, const Mailbox::FlagChange& change, bool with_uid) {
  const auto number = mailbox_->view().number(uid);
  const auto note = mailbox_->view().note(uid);
  if (!number || !note || mailbox_->view().leaving(uid)) return;
  const std::vector<std::string_view> said(change.flags.begin(), change.flags.end());
  announce_keywords(said);
  std::string line;
  Writer writer(line, LiteralForm::Response);
  writer.words("* ").number(*number).words(" FETCH (");
  if (with_uid || condstore_) writer.words("UID ").number(uid).words(" ");
  writer.words("FLAGS ").flags(flags_for_client(said, note->marked_private));
  if (condstore_ && change.modseq && mailbox_->has_modseq())
    writer.words(" MODSEQ (").number(mailbox_->modseq_seen(*change.modseq)).words(")");
  writer.words(")").end();
  client_.put(line);
}

void Session::say(std::string_view tag, std::string_view condition_and_text) {
  client_.put(tag);
  client_.put(" ");
  client_.put(condition_and_text);
  client_.put("\r\n");
}

std::string Session::completed(std::string_view command) const {
  const bool gone = mailbox_->view().expunges_due();
  return std::string(gone ? "OK [EXPUNGEISSUED] " : "OK ").append(command).append(" completed");
}

net::Task<void> Session::room() {
  if (client_.collected() > limits::kSendAtOnce) client_.flush();
  if (client_.unsent() > limits::kWriteHighWater)
    co_await client_.drained(limits::kWriteHighWater, environment_.loop.after(limits::kContentBlock));
}

net::Deadline Session::command_deadline() const {
  if (incoming_) return incoming_->deadline();
  const net::Deadline silence = environment_.loop.after(limits::kImapSilence);
  return state_ == State::Greeted ? std::min(silence, login_deadline_) : silence;
}

void Session::drain() {
  if (idle_) return client_.interrupt();
  wake_.open();  // may end and free the session
}

void Session::cancel() {
  // Ending a wait may end and free the session: only one is ended at a time.
  if (client_.waiting()) return client_.cancel();
  for (Upstream* const upstream : {opening_, other_upstream_.get(), upstream_.get()}) {
    if (upstream != nullptr && upstream->waiting()) return upstream->cancel();
  }
}

}  // namespace privet::imap

// One connection of a CRM's mail sync (RFC 3501, RFC 9051): a full IMAP server to the client and a client of
// the tenant's server. run() reads top to bottom; the files beside it hold greeting and login, mailboxes,
// FETCH, SEARCH, IDLE.
//
// Promise: the client sees nothing but what policy::view made of visible messages. No number, word or
// response of the upstream reaches it as it came; what is hidden is answered like what does not exist; unless
// the tenant says otherwise nothing is ever changed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/policy.h"
#include "proxy/admission.h"
#include "proxy/imap/command.h"
#include "proxy/imap/command_frame.h"
#include "proxy/imap/environment.h"
#include "proxy/imap/fetch_plan.h"
#include "proxy/imap/folders.h"
#include "proxy/imap/keywords.h"
#include "proxy/imap/mailbox.h"
#include "proxy/imap/search.h"
#include "proxy/imap/uid_plus.h"
#include "proxy/imap/upstream.h"
#include "proxy/imap/write.h"
#include "proxy/listening.h"
#include "proxy/net/gate.h"
#include "proxy/net/stream.h"
#include "proxy/sasl.h"

namespace privet::imap {

class Session {
 public:
  /// `listening` must outlive the session; `id` is for the log.
  Session(Environment& environment, net::Stream client, const Listening& listening, std::string id);
  ~Session();

  /// Until either side leaves. Throws net::StreamError when the client is gone.
  net::Task<void> run();
  /// Shutdown: ends the session at its next wait for a command.
  void drain();
  /// Shutdown's patience is over, or the client is not wanted any more: ends whatever is waited for.
  void cancel();

 private:
  enum class State : std::uint8_t { Greeted, LoggedIn, Selected, Leaving };
  using Tag = const std::string&;

  net::Task<bool> greet();
  net::Task<bool> read_proxy_header();
  net::Task<void> talk();
  net::Task<std::optional<Command>> next_command();
  net::Task<bool> wait_for_client();
  net::Task<void> execute(const Command& command);
  std::optional<std::string_view> out_of_place(const CommandBody& body) const;
  /// What is open is seen by the rules as they are now. False where the client has to connect again, which it
  /// has been told.
  net::Task<bool> keep_to_rules();
  net::Task<bool> take_new_rules();

  // Any state
  net::Task<void> handle(Tag tag, const command::Capability&);
  net::Task<void> handle(Tag tag, const command::Noop&);
  net::Task<void> handle(Tag tag, const command::Check&);
  net::Task<void> handle(Tag tag, const command::Logout&);
  net::Task<void> handle(Tag tag, const command::Id&);
  net::Task<void> handle(Tag tag, const command::Enable& enable);
  // Before login
  net::Task<void> handle(Tag tag, const command::StartTls&);
  net::Task<void> handle(Tag tag, const command::Login& login);
  net::Task<void> handle(Tag tag, const command::Authenticate& authenticate);
  // Mailboxes
  net::Task<void> handle(Tag tag, const command::Namespace&);
  net::Task<void> handle(Tag tag, const command::List& list);
  net::Task<void> handle(Tag tag, const command::Status& status);
  net::Task<void> handle(Tag tag, const command::Select& select);
  net::Task<void> handle(Tag tag, const command::Close&);
  net::Task<void> handle(Tag tag, const command::Unselect&);
  net::Task<void> handle(Tag tag, const command::Create& create);
  net::Task<void> handle(Tag tag, const command::Delete&);
  net::Task<void> handle(Tag tag, const command::Rename&);
  net::Task<void> handle(Tag tag, const command::Subscribe& subscribe);
  net::Task<void> handle(Tag tag, const command::Unsubscribe& unsubscribe);
  net::Task<void> handle(Tag tag, const command::Append& append);
  net::Task<void> handle(Tag tag, const command::Idle&);
  // Messages
  net::Task<void> handle(Tag tag, const command::Search& search);
  net::Task<void> handle(Tag tag, const command::Fetch& fetch);
  net::Task<void> handle(Tag tag, const command::Store& store);
  net::Task<void> handle(Tag tag, const command::Copy& copy);
  net::Task<void> handle(Tag tag, const command::Move& move);
  net::Task<void> handle(Tag tag, const command::Expunge& expunge);

  net::Task<void> log_in(Tag tag, std::optional<Credentials> credentials);
  /// False, at once, when the server is to end.
  net::Task<bool> pause(std::chrono::milliseconds time);
  net::Task<LoginResult> relay_login(const Credentials& credentials);
  net::Task<std::optional<std::string>> ask_client(std::string_view challenge);
  std::uint8_t mechanisms() const;
  std::string capabilities() const;

  net::Task<void> learn_folders();
  /// Asked each time: somebody may have begun to share a mailbox, and then its prefix is one of others.
  net::Task<imap::Namespace> namespaces();
  const Folder* find_folder(const std::string& name) const;
  net::Task<std::vector<std::string>> subscriptions();
  /// All of these can be told.
  bool offers(const std::vector<command::StatusItem>& items) const;
  /// "* STATUS ..."; nullopt when the mailbox is not available, or would have to be looked into too much:
  /// Mailbox::open().
  net::Task<std::optional<std::string>> status_of(const Folder& folder,
                                                  const std::vector<command::StatusItem>& items,
                                                  std::size_t most, std::function<void()> tell);
  net::Task<std::optional<std::string>> status_in(Mailbox& mailbox,
                                                  const std::vector<command::StatusItem>& items);
  /// A connection of its own, for a mailbox beside the one that is open; null where no server can be reached.
  net::Task<Upstream*> another_upstream();
  /// Which keywords visible messages have.
  net::Task<void> learn_keywords();
  /// FLAGS and PERMANENTFLAGS.
  void say_flags();
  /// Before the client hears that a message has these flags: whichever are new to it (RFC 3501 7.2.6).
  void announce_keywords(std::span<const std::string_view> flags);
  Owner owner() const;

  /// The tenant lets its mailboxes be changed.
  bool may_write() const { return tenant_ != nullptr && tenant_->view_of(user_).write; }
  /// Sends "UID verb set rest" for these UIDs, in several commands where they are many, until one is refused
  /// for another reason than MODIFIED.
  /// How each was completed; of at least one UID.
  using Rest = std::function<void(Writer& writer)>;
  net::Task<std::vector<Completion>> ask_about(Words verb, std::vector<std::uint32_t> uids, Rest rest,
                                               Upstream::Note note);
  /// What has come of a STORE so far.
  struct Stored {
    std::string refusal = {};                  ///< what the client hears; empty for nothing
    std::vector<std::uint32_t> modified = {};  ///< UIDs left alone: they have changed since; ascending
  };
  /// `since`: UNCHANGEDSINCE as the upstream counts.
  net::Task<void> store_some(const command::Store& store, std::optional<std::uint64_t> since,
                             std::span<const Message> wanted, Stored& stored);
  net::Task<std::vector<std::string>> flags_of(std::vector<std::uint32_t> uids);
  net::Task<void> mark_seen(std::vector<std::uint32_t> uids);
  net::Task<std::string> expunge_seen(std::optional<Selection> among);

  /// COPY, MOVE and their UID forms.
  struct Filing {
    bool move = false, uid = false;
    const SequenceSet& set;
    const std::string& mailbox;
  };
  net::Task<void> file(Tag tag, Filing filing);
  /// COPYUID as the client may know it, from what the upstream said of it; empty where nothing can be told.
  net::Task<std::string> copy_uid_code(std::string wire, std::vector<CopyUid> said);
  /// A mailbox in which something has just been filed, classified: the selected one, or `opened`. nullptr
  /// where it cannot be looked into.
  net::Task<Mailbox*> look_into(std::string wire, std::unique_ptr<Mailbox>& opened);
  /// The folder, nullptr where the client may not know of any; asks for new ones.
  net::Task<const Folder*> learn_folder(std::string name);
  /// For COPY, MOVE and APPEND to it (RFC 3501 6.3.11): says whether CREATE would help.
  std::string_view no_destination(const std::string& name) const;
  net::Task<void> subscribe(Tag tag, std::string mailbox, bool subscribes);
  /// Sends the command about this mailbox, and tells what has changed meanwhile.
  net::Task<Completion> change_folder(Words verb, std::string wire);

  /// A message that the client files, as far as it has come.
  struct Incoming {
    Incoming(Environment& environment, std::uint64_t size);
    ~Incoming();
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;
    Environment& environment;
    const std::uint64_t size;
    const net::Deadline begun;
    std::string content = {};
    /// Who sends slowly keeps others from filing.
    net::Deadline deadline() const;
  };
  /// The client has announced the message of an APPEND: takes it, or says why not.
  net::Task<void> begin_message();
  net::Task<std::string> refuse_message();
  net::Task<bool> may_be_filed(const command::Append& append, std::string_view content);
  net::Task<Completion> append_upstream(const command::Append& append, std::string wire,
                                        std::string_view content);
  /// APPENDUID as copy_uid_code().
  net::Task<std::string> append_uid_code(std::string wire, Completion done);
  /// For what may take long: a word to the client now and then.
  std::function<void()> keep_awake();

  // One question to the upstream, and how far its answer has come.
  struct Answering {
    const FetchPlan& plan;
    std::span<const Message> wanted;
    std::span<const std::string> headers;
    std::optional<std::size_t> begun =
        {};                       // whose answer is under way, because a literal of it was passed on
    std::vector<bool> done = {};  // its items
    std::size_t expected = 0;     // where the next answer is, as a rule
    bool dropping = false;        // of the answer under way, as its UID comes too late
    bool dropped = false;         // so it was with one
    std::string line = {};        // of the answers, one after the other
  };
  // False where the upstream did not answer for all.
  net::Task<bool> fetch_some(const std::vector<FetchItem>& items, std::span<const Message> wanted,
                             std::span<const std::string> headers);
  net::Task<std::vector<std::optional<Root>>> roots_of(std::span<const Message> wanted,
                                                       std::span<const std::string> headers);
  net::Task<bool> fetch_alike(std::vector<FetchItem> items, Root root, std::span<const Message> wanted,
                              std::span<const std::string> headers);
  net::Task<bool> fetch_from_upstream(const FetchPlan& plan, std::span<const Message> wanted,
                                      std::span<const std::string> headers);
  Facts facts_of(const FetchPlan& plan, const Message& message, std::string_view header) const;
  void begin_answer(const Message& message, std::string_view items);
  /// Nothing where no item has anything to say. `line` is room for it.
  void answer_whole(std::string& line, const FetchPlan& plan, const Facts& facts, const FetchData& said);
  std::optional<std::size_t> place_of(const Answering& answering, const imap::Fetch& fetch) const;
  /// False when it was no answer to our question.
  bool finish(Answering& answering, const imap::Fetch& fetch);
  net::Task<void> stream(Answering& answering, std::optional<imap::Fetch> before, std::uint64_t size);

  net::Task<std::optional<Bitmap>> answer_leaf(const SearchLeaf& leaf, Range scope);
  net::Task<std::optional<Bitmap>> ask_upstream(const SearchLeaf& leaf, Range scope);
  net::Task<void> add_matching_headers(const SearchKey& key, Range scope, Bitmap& bits);
  net::Task<bool> add_matching_parts(const SearchKey& key, Range scope, Bitmap& bits);
  std::vector<std::uint32_t> within(Range scope) const;
  net::Task<std::optional<Bitmap>> compare_sizes(const SearchKey& key, Range scope);
  net::Task<std::optional<Bitmap>> compare_ages(const SearchKey& key, Range scope);

  // CONDSTORE
  bool offers_condstore() const;
  /// From now on changes of flags are told with their MODSEQ.
  void use_condstore();
  void say_highest_modseq();
  /// For commands that need the selected mailbox's; false: they are answered with BAD.
  bool can_use_modseq(Tag tag);
  /// Leaves those of `messages` (ascending) that have changed since the client heard `since`, and perhaps
  /// some that it knows. False where the upstream does not say.
  net::Task<bool> keep_changed(std::vector<Message>& messages, std::uint64_t since);
  /// As the client hears it, of these messages.
  net::Task<std::optional<std::uint64_t>> greatest_modseq(std::vector<std::uint32_t> uids);
  /// Asks for those that the upstream left out.
  net::Task<void> complete_modseqs(Mailbox::FlagChanges& changes);

  /// Waits until the client or the upstream says something, or it is time for a word. False: the session
  /// ends.
  /// Until `until` at the latest.
  net::Task<bool> wait_for_both(net::Deadline until);
  net::Task<void> watch_upstream();
  net::Task<void> room();

  /// What has changed in the selected mailbox, where numbers may change `expunges` too.
  net::Task<void> tell_changes(bool expunges);
  void tell_expunges();
  net::Task<void> tell_flag_changes(bool with_uid);
  void tell_flags(std::uint32_t uid, const Mailbox::FlagChange& change, bool with_uid = false);
  /// "tag OK text". The text may begin with a response code.
  void say(std::string_view tag, std::string_view condition_and_text);
  void say_untagged(std::string_view text) { say("*", text); }
  /// "OK command completed", and whether messages are gone of which the client has a number still (RFC 5530
  /// 3).
  std::string completed(std::string_view command) const;
  net::Deadline command_deadline() const;
  std::chrono::milliseconds steady_now() const { return std::chrono::milliseconds(environment_.loop.now()); }
  bool in_clear_before_tls() const { return listening_.tls == policy::TlsMode::StartTls && !client_.tls(); }

  Environment& environment_;
  net::Stream client_;
  const Listening& listening_;
  std::string id_;
  std::shared_ptr<const policy::Policy> policy_;  // keeps tenant_ alive
  const policy::Tenant* tenant_ = nullptr;
  std::string fixed_tenant_;  // name of the listener's or SNI's tenant
  std::string user_;          // login, lower case
  Credentials credentials_;   // for a second connection; in memory only
  Admission admission_;
  CommandFramer framer_;
  State state_ = State::Greeted;
  std::unique_ptr<Upstream> upstream_;
  std::unique_ptr<Upstream> other_upstream_;  // for STATUS while a mailbox is selected
  net::Deadline other_used_until_{};          // see another_upstream()
  Upstream* opening_ = nullptr;               // the next other_upstream_, not logged in yet
  std::unique_ptr<Mailbox> mailbox_;          // the selected one
  Keywords keywords_;                         // that the client knows there
  std::vector<Folder> folders_;
  bool knows_folders_ = false;
  bool condstore_ = false;  // the client uses it
  std::string client_address_;
  net::Gate wake_;  // opened at shutdown
  net::Deadline login_deadline_;
  std::uint8_t errors_ = 0;
  std::uint8_t login_failures_ = 0;
  std::unique_ptr<Incoming> incoming_;
  bool idle_ = false;           // waits for a command
  bool in_answer_ = false;      // an answer is half sent: nothing else can be said any more
  bool upstream_idles_ = true;  // false once it has refused to
  bool watching_ = false;       // somebody waits for the upstream while we wait for the client
};

}  // namespace privet::imap

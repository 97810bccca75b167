// Every size, count and deadline of the proxy, each with its reason. (Limits of reading mail: mime/limits.h.)
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace privet::limits {

using namespace std::chrono_literals;

// SMTP lines (RFC 5321 4.5.3.1, RFC 4954 4.5)
inline constexpr std::size_t kCommandLine = 2048;  // 512 in RFC 5321, raised by MAIL and RCPT parameters
inline constexpr std::size_t kAuthLine =
    16 * 1024;  // 12,288 in RFC 4954; bearer tokens of large tenants come close
inline constexpr std::size_t kReplyLineRead = 8 * 1024;  // longest reply line an upstream may send
inline constexpr std::size_t kReplyLineKept =
    512;                                          // RFC 5321 4.5.3.1.5; the rest of a longer line is dropped
inline constexpr std::size_t kReplyLines = 100;   // an upstream that goes on is broken or hostile
inline constexpr std::size_t kRecipients = 1000;  // RFC 5321 4.5.3.1.8 asks for at least 100

inline constexpr std::size_t kProxyHeader =
    536;  // "small enough to always fit in the smallest IPv4 segment", PROXY protocol 2

// IMAP, client side
inline constexpr std::size_t kImapLine =
    64 * 1024;  // a command without its literals: Dovecot's; sync engines send long lists of UIDs
inline constexpr std::size_t kImapLineBeforeLogin =
    kAuthLine;  // an initial response is what may be long. The longest ID (32 kB) waits for the login: no
                // client says a tenth of it, and strangers would double what each of kSessions holds
inline constexpr std::size_t kImapLiterals =
    64 * 1024;  // of one command together, the message of APPEND apart
inline constexpr std::size_t kImapLiteralsBeforeLogin = 8 * 1024;  // name and password, or what ID says
inline constexpr std::size_t kImapDropped =
    1024 * 1024;                                       // of a refused command, read to find its end; then BYE
inline constexpr std::size_t kImapTag = 256;           // repeated in the answer; clients use ten characters
inline constexpr std::size_t kImapFetchItems = 100;    // each may be a whole message
inline constexpr std::size_t kImapSearchKeys = 256;    // each may be a command to the upstream
inline constexpr std::size_t kImapSearchDepth = 128;   // OR of that many keys without parentheses
inline constexpr std::size_t kImapMailboxName = 1024;  // octets of UTF-8; Dovecot takes 255 each level
inline constexpr std::size_t kImapListPatterns =
    1024;  // of one LIST together: matching takes name times pattern
inline constexpr std::size_t kImapIdParameters = 30;  // this and the next two: RFC 2971 3.3
inline constexpr std::size_t kImapIdField = 30;
inline constexpr std::size_t kImapIdValue = 1024;
inline constexpr std::size_t kImapFieldName = 1000;  // of a header, as Dovecot: a longer one is no name

// IMAP, upstream side
inline constexpr std::size_t kImapLiteralKept =
    64 * 1024;  // a header with 1,500 recipients fits; larger literals are streamed
inline constexpr std::size_t kImapResponseLine =
    16 * 1024 * 1024;  // SEARCH with a million UIDs is one line of 11 MB
inline constexpr std::size_t kImapResponse =
    32 * 1024 * 1024;  // a line and the literals kept in it: some hundred header sections
inline constexpr std::size_t kImapFramerKept =
    16 * 1024;  // buffer that a connection keeps between responses: there are 10,000 idle ones
inline constexpr std::size_t kImapNesting =
    512;  // lists in lists: a part is one level and kMimeDepth is 100; bounds nothing but nonsense
inline constexpr std::size_t kImapCommandSent =
    8 * 1024;  // RFC 7162 4: a server has to take command lines of 8,192 bytes, not more
inline constexpr std::size_t kImapLiteralMinus = 4096;  // RFC 7888 5: without waiting, under LITERAL-
inline constexpr std::size_t kImapQuoted = 1024;        // longer strings are literals: Cyrus' limit of old

// IMAP sessions
inline constexpr std::size_t kImapClassifyTogether =
    200;  // messages asked for at once when they are read for the first time: the upstream is never idle for
          // long
inline constexpr std::size_t kImapFetchTogether = 1000;  // redacted headers asked for at once: some 2 MB
inline constexpr std::size_t kImapHeaders =
    4 * 1024 *
    1024;  // octets of them in one answer of the store: one header alone may have a quarter of a megabyte
inline constexpr std::size_t kImapFetchPlain =
    10'000;  // without headers: a round trip less for each thousand, half a megabyte
inline constexpr std::size_t kImapFlags =
    2 * 1024;  // of one STORE or APPEND: with a set of UIDs they make one command to the upstream
inline constexpr std::size_t kImapKeywords =
    8 * 1024;  // of a mailbox, as FLAGS tells them: Cyrus keeps 128; each new one makes the line go out again
inline constexpr std::uint64_t kImapIncoming =
    128 * 1024 * 1024;  // of messages that the clients of one loop file at once; a larger one goes alone
inline constexpr std::size_t kImapListLook =
    kImapClassifyTogether;  // messages of one folder that LIST RETURN (STATUS) looks into: a client waits for
                            // all folders
inline constexpr std::size_t kImapMessages =
    16'000'000;  // of a mailbox: 100 MB; more is a lie of the upstream's
inline constexpr std::size_t kImapUnreadable =
    10;  // messages of one question, before it is the mailbox that is
inline constexpr int kImapHangUps =
    3;  // of the upstream's at one message asked for alone, before it is hidden: no accident by then
inline constexpr int kImapResync = 4;        // times the UIDs are asked for until they fit the count
inline constexpr auto kImapSilence = 30min;  // RFC 9051 5.4
inline constexpr auto kImapWord = 110s;      // clients and routers take two minutes of silence for an end
inline constexpr auto kImapPoll = 30s;       // while idle, with an upstream that has no IDLE

// Content
inline constexpr std::size_t kMessageSize = 50 * 1024 * 1024;  // default of limits.message_size
inline constexpr std::uint64_t kSmallMessageSize =
    1024 * 1024;  // of which `check` warns: a photograph is larger, and the unit may have been forgotten
inline constexpr std::size_t kContentInMemory =
    1024 * 1024;  // more of a split message goes to a temporary file
inline constexpr std::size_t kContentInMemoryOfAll =
    64 * 1024 * 1024;  // what all sessions hold together; beyond it each keeps only:
inline constexpr std::size_t kContentInMemoryWhenScarce = 64 * 1024;
inline constexpr std::size_t kForgetPages = 1024 * 1024;  // of a file's view are kept while it is sent
inline constexpr int kLargeSplits = 1;  // of file-held content at once: each touches every page of it
inline constexpr std::size_t kSplitOnLoop =
    128 * 1024;                           // more is inspected on a pool thread: others would wait
inline constexpr std::size_t kHops = 50;  // Postfix hopcount_limit; a message on its way has about ten
inline constexpr std::size_t kSizeHeadroom = 256;  // an inserted Message-ID, when SIZE was declared

inline constexpr std::size_t kOversize =
    16 * 1024 * 1024;  // what is read beyond the limit to find the end; then 421

// Spool
inline constexpr auto kInDoubt = 24h;        // a client that did not hear our answer has come again by then
inline constexpr auto kDeliveredKeys = 24h;  // the same message within it is not sent to the CRM again
inline constexpr auto kSpoolLook = 30s;      // between two looks at what an administrator moved
inline constexpr auto kSpoolProbe = 10s;     // after a disk failure, before the disk is asked again
inline constexpr auto kUnreadRetry = 60s;    // until a copy that could not be read is read again, and logged
inline constexpr auto kDiskPatience = 20s;   // for a copy to be durable; mail clients wait about a minute
inline constexpr std::size_t kSyncTogether = 5;  // files of one batch from which one syncfs() is cheaper than
                                                 // an fdatasync() each (0.8 ms against 1.7 for 16)
inline constexpr std::size_t kSpoolBatch = 256;  // jobs that share a flush; more would wait for too long
inline constexpr std::size_t kSpareFiles =
    128;  // of delivered copies, for the next ones: as many as are under way at once on a busy day
inline constexpr std::size_t kSpoolHead = 64 * 1024;    // who and to whom: a few hundred bytes
inline constexpr std::size_t kSpoolTail = 1024 * 1024;  // events of a copy: two thousand tries
inline constexpr std::size_t kLoadInMemory =
    1024 * 1024;  // more of a copy that is read back stays a view of its file
inline constexpr int kReturnedAtOnce = 256 * 1024;  // freed, it goes back to the system: text of large mail
inline constexpr std::size_t kSpoolWrite = 1024 * 1024;  // bytes of file-held content written at once

// State of the filtered view
inline constexpr std::size_t kStateBatch =
    256;                                    // operations that share a flush; more would wait for too long
inline constexpr int kStateGarbage = 1000;  // messages removed at once while nobody waits: some 10 ms
inline constexpr std::uint32_t kStateNear = 10;  // UIDs passed over cost as much as one that is looked for
inline constexpr auto kStateBusy = 5000ms;  // an administrator's sqlite3 may hold the database for a moment

// Reading and writing
inline constexpr std::size_t kReadScratch = 64 * 1024;      // one per loop, shared by its connections
inline constexpr std::size_t kTlsRecord = 16 * 1024 + 512;  // RFC 8446 5.2: 2^14 + 256, rounded up
inline constexpr std::size_t kReadAhead =
    64 * 1024;  // kept for a reader that is busy; then the peer has to wait
inline constexpr std::size_t kSendAtOnce =
    8 * 1024;  // smaller pieces of content are collected into one write
inline constexpr std::size_t kWriteHighWater =
    256 * 1024;  // a peer that reads slower than this stops its other side
inline constexpr std::size_t kSecretRoom =
    64;  // least room for a secret: longer than what a string keeps within itself, where a move leaves copies

// Deadlines (RFC 5321 4.5.3.2 and Postfix)
inline constexpr auto kHandshake = 30s;  // TLS handshake, either side
inline constexpr auto kConnect = 10s;    // name and TCP connect, each host of the upstream
inline constexpr auto kConnectAddress =
    3s;  // one address while there are others: a route that swallows packets costs no more
inline constexpr auto kResolveTry = 1500ms;  // one try at one name server; doubles each round
inline constexpr int kResolveTries = 3;      // rounds, within kConnect
inline constexpr auto kOpenUpstream =
    45s;  // after which no further host is tried: mail clients wait about a minute
inline constexpr auto kHostRest =
    60s;  // a host that failed is tried last, so that others need not wait for it
inline constexpr auto kBeforeLogin = 60s;     // a client that has not logged in, from the greeting
inline constexpr auto kCommand = 300s;        // one command from the client, RFC 5321 4.5.3.2.7
inline constexpr auto kProxyHeaderWait = 5s;  // a balancer sends its header with the connection
inline constexpr auto kUpstreamHello =
    30s;  // greeting, EHLO and STARTTLS each: a client waits no longer than a minute or two
inline constexpr auto kUpstreamReply = 300s;        // one reply of the upstream
inline constexpr auto kContentBlock = 180s;         // between two reads of content, RFC 5321 4.5.3.2.5
inline constexpr std::uint64_t kContentRate = 500;  // bytes/s on average, Postfix smtpd_min_data_rate
inline constexpr auto kFinalReply = 600s;           // after the final dot, RFC 5321 4.5.3.2.6
inline constexpr auto kFarewell = 2s;               // after the last reply, for the peer to read it and close
inline constexpr auto kQuit = 5s;                   // for the upstream's answer to QUIT
inline constexpr auto kDrain = 30s;                 // after SIGTERM, for transactions under way
inline constexpr auto kDrainStep = 100ms;           // how often the end of the last transaction is looked for

// Copies (field rules: the split protocol)
inline constexpr auto kLinger = 60s;     // for copies under way, after the client has said QUIT
inline constexpr auto kCopyYield = 30s;  // how long the client's next MAIL waits for a copy under way
inline constexpr std::size_t kCopiesPerSession =
    20;                                       // older ones at once: one large upstream takes 30 a minute
inline constexpr auto kFirstRetry = 60s;      // then doubled
inline constexpr auto kLongestRetry = 3600s;  // an upstream that is back is noticed within the hour
inline constexpr auto kNoticeRetry = 3600s;   // a disk without room for a notice seldom has some soon
inline constexpr auto kNoticePatience = 24h;  // behind a copy's time; then it ends, and nobody is told
inline constexpr auto kBadRecipient = 3600s;  // how long an upstream's 5xx to a CRM address is believed
inline constexpr std::size_t kBadRecipients = 10'000;  // remembered at once; then all are asked anew

inline constexpr auto kCourierRound = 1s;           // how often what is due is looked for, in memory
inline constexpr std::size_t kCourierCopies = 200;  // taken up at once; the next round takes more

// Patience (Postfix smtpd_hard_error_limit, smtpd_junk_command_limit)
inline constexpr int kErrors = 20;         // refused commands in one session
inline constexpr int kJunkCommands = 100;  // NOOP, VRFY, RSET, HELP without progress
inline constexpr int kLoginFailures = 3;   // in one connection

// Floods and guessed passwords (proxy/guard.h)
inline constexpr std::size_t kSessionsPerSource =
    50;  // Postfix smtpd_client_connection_count_limit; an office behind one address fits
inline constexpr auto kLoginDelay = 1s;          // after the first failure: nobody who mistyped minds
inline constexpr auto kLoginDelayMost = 30s;     // mail clients wait a minute
inline constexpr auto kLoginWindow = 1h;         // in which failures are counted, from the first on
inline constexpr int kLockOutFailures = 20;      // from one source: several people who mistype in an office
inline constexpr int kLockOutUserFailures = 50;  // for one user, from anywhere: a botnet has many sources
inline constexpr auto kLockOut = 15min;  // 80 guesses an hour are hopeless; a person can wait that long
inline constexpr std::size_t kGuardEntries = 100'000;  // sources, and users, remembered: some 20 MB each
inline constexpr std::size_t kGuardUserName =
    320;  // 64 + 1 + 255, RFC 5321 4.5.3.1; longer names share a count

// Notices to senders (proxy/notice_limiter.h)
inline constexpr int kNoticesPerHour = 5;  // for one user: enough to see that something is wrong
inline constexpr std::size_t kNoticeUsers =
    10'000;                             // remembered; beyond them nobody is told: that is an outage
inline constexpr int kLoginRounds = 8;  // challenges of one login; SCRAM needs two

// Configuration
inline constexpr std::size_t kSpoolSize =
    1024 * 1024 * 1024;  // default of limits.spool: days of copies of a large office, on any disk
inline constexpr std::size_t kConfigFile = 256 * 1024 * 1024;  // a list of several million addresses fits

// Server
inline constexpr std::size_t kSessions = 10'000;  // default of limits.sessions
inline constexpr long kMostSessions =
    1'000'000;                           // each needs two descriptors; the system says less long before
inline constexpr long kMostLoops = 256;  // one per core is what helps
inline constexpr unsigned kKeepAlive =
    60;  // seconds of silence before TCP asks whether the peer is still there
inline constexpr int kListenBacklog = 1024;  // connections of a burst that wait for accept

}  // namespace privet::limits

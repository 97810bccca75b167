// Holds the include rules of the layers: who may know whom. The arrows point one way only,
//   mime <- policy <- smtp codecs <- sessions <- proxy, and certs <- proxy/net <- sessions,
// so that the pure core can be tested, fuzzed and measured without a socket, a clock or a thread.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace privet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestFile = 500;  // lines

/// Headers of the system. What can wait, read a file or tell the time is not for the pure core.
const std::vector<std::string_view> kSystem = {"arpa/",    "fcntl.h",  "malloc.h", "netdb.h",
                                               "netinet/", "poll.h",   "pwd.h",    "grp.h",
                                               "signal.h", "string.h", "sys/",     "unistd.h"};
const std::set<std::string_view> kImpure = {
    "atomic",     "chrono", "condition_variable", "coroutine", "csignal", "ctime",     "filesystem",
    "fstream",    "future", "iostream",           "mutex",     "random",  "semaphore", "shared_mutex",
    "stop_token", "thread"};

/// The codecs of proxy/smtp; every other file there may wait.
const std::set<std::string_view> kSmtpCodecs = {"chunk",     "command",  "content",   "envelope_rules",
                                                "extension", "hops",     "parameter", "path",
                                                "reply",     "sequence", "xclient"};
/// What the protocols share stands in proxy/ itself: codecs, and what sessions wait and count with.
const std::set<std::string_view> kCodecs = {"base64", "proxy_header", "sasl", "text"};
const std::set<std::string_view> kShared = {"admission", "client_address", "guard",
                                            "line",      "listening",      "route"};

/// The codecs of proxy/imap, and the view, which is as pure.
const std::set<std::string_view> kImapCodecs = {
    "address_list",   "argument",        "bitmap",       "capability",    "fetch_plan",
    "folders",        "casemap",         "command",      "command_frame", "command_reader",
    "date_time",      "envelope",        "fetch_data",   "fetch_item",    "fetch_response",
    "header_field",   "header_search",   "list_command", "listing",       "modseq",
    "mailbox_name",   "message_command", "read_command", "rendition",     "response",
    "response_frame", "response_reader", "search",       "search_key",    "search_write",
    "section",        "selection",       "sequence_set", "view",          "write",
    "flag_change",    "refusal",         "uid_plus",     "keywords"};

struct Layer {
  std::string_view name;
  bool pure;                             ///< none of kImpure
  std::vector<std::string_view> ours;    ///< what the paths of our headers may begin with
  std::vector<std::string_view> theirs;  ///< what those of libraries may begin with
  bool system = false;                   ///< and kSystem
};

const Layer kMime{"mime", true, {"mime/"}, {"idn2.h", "iconv.h"}};
const Layer kMimeNotice{"mime/notice.cc", true, {"mime/"}, {"mimetic/"}};
const Layer kPolicy{"policy", false, {"mime/", "policy/"}, {"arpa/inet.h", "re2/"}};
const Layer kPolicyYaml{"policy/yaml.cc", false, {"mime/", "policy/"}, {"yaml-cpp/"}};
const Layer kCerts{"certs", false, {"certs/", "mime/result.h"}, {"openssl/"}, true};
const Layer kNet{"proxy/net",
                 false,
                 {"proxy/net/", "certs/", "mime/ascii.h", "mime/result.h", "proxy/limits.h"},
                 {"uv.h", "ares.h", "openssl/"},
                 true};
const std::vector<std::string_view> kCodecHeaders = {"proxy/base64.h", "proxy/proxy_header.h", "proxy/sasl.h",
                                                     "proxy/text.h"};
const std::vector<std::string_view> kSharedHeaders = {"proxy/admission.h", "proxy/client_address.h",
                                                      "proxy/guard.h",     "proxy/line.h",
                                                      "proxy/listening.h", "proxy/route.h"};

std::vector<std::string_view> join(std::vector<std::string_view> all,
                                   std::initializer_list<std::vector<std::string_view>> more) {
  for (const auto& each : more) all.insert(all.end(), each.begin(), each.end());
  return all;
}

const Layer kCodec{
    "codecs", true, join({"mime/", "proxy/limits.h"}, {kCodecHeaders}), {"arpa/inet.h", "string.h"}};
const Layer kSmtpCodec{"smtp codecs",
                       true,
                       join({"mime/", "policy/", "proxy/limits.h", "proxy/smtp/"}, {kCodecHeaders}),
                       {"arpa/inet.h"}};
const Layer kImapCodec{"imap codecs",
                       true,
                       join({"mime/", "policy/", "proxy/limits.h", "proxy/imap/"}, {kCodecHeaders}),
                       {"arpa/inet.h", "unicase.h", "uninorm.h"}};
const Layer kSharedParts{"what sessions share",
                         false,
                         join({"mime/", "policy/", "proxy/limits.h", "proxy/log.h", "proxy/net/"},
                              {kCodecHeaders, kSharedHeaders}),
                         {},
                         true};
const Layer kSmtpSession{"smtp sessions",
                         false,
                         join({"mime/", "policy/", "certs/", "proxy/limits.h", "proxy/log.h", "proxy/net/",
                               "proxy/notice_limiter.h", "proxy/smtp/", "proxy/spool/"},
                              {kCodecHeaders, kSharedHeaders}),
                         {},
                         true};
const Layer kImapSession{"imap sessions",
                         false,
                         join({"mime/", "policy/", "certs/", "proxy/limits.h", "proxy/log.h", "proxy/net/",
                               "proxy/imap/", "proxy/state/store.h"},
                              {kCodecHeaders, kSharedHeaders}),
                         {},
                         true};
const Layer kSpoolRecord{"spool record",
                         true,
                         {"mime/result.h", "proxy/limits.h", "proxy/spool/digest.h", "proxy/spool/record.h"},
                         {"nlohmann/", "openssl/"}};
const Layer kSpool{"proxy/spool",
                   false,
                   {"mime/result.h", "proxy/limits.h", "proxy/log.h", "proxy/net/", "proxy/spool/"},
                   {"dirent.h", "openssl/", "sqlite3.h"},
                   true};
const Layer kState{"proxy/state",
                   false,
                   {"mime/result.h", "proxy/limits.h", "proxy/log.h", "proxy/net/", "proxy/state/"},
                   {"sqlite3.h"},
                   true};
const Layer kProxy{
    "proxy", false, {"mime/", "policy/", "certs/", "proxy/"}, {"CLI/", "fmt/", "nlohmann/", "spdlog/"}, true};

/// These stand in so many .cc, so that they can be replaced and do not slow every build.
const std::map<std::string_view, std::size_t> kConfined = {
    {"CLI/", 1}, {"mimetic/", 1}, {"spdlog/", 1}, {"sqlite3.h", 2}, {"unicase.h", 1}, {"yaml-cpp/", 1}};

bool begins_with_any(std::string_view path, const std::vector<std::string_view>& prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return path.starts_with(prefix); });
}

/// True for a file of `folder` whose name is one of `names`.
bool is_one_of(const std::set<std::string_view>& names, std::string_view folder, std::string_view path) {
  return path.starts_with(folder) &&
         names.contains(path.substr(folder.size(), path.rfind('.') - folder.size()));
}

/// nullptr for a file that has no row here yet.
const Layer* layer_of(std::string_view path) {
  if (path == "mime/notice.cc") return &kMimeNotice;
  if (path.starts_with("mime/")) return &kMime;
  if (path == "policy/yaml.cc") return &kPolicyYaml;
  if (path.starts_with("policy/")) return &kPolicy;
  if (path.starts_with("certs/")) return &kCerts;
  if (path.starts_with("proxy/net/")) return &kNet;
  if (is_one_of(kCodecs, "proxy/", path)) return &kCodec;
  if (is_one_of(kShared, "proxy/", path)) return &kSharedParts;
  if (is_one_of(kSmtpCodecs, "proxy/smtp/", path)) return &kSmtpCodec;
  if (path.starts_with("proxy/smtp/")) return &kSmtpSession;
  if (is_one_of(kImapCodecs, "proxy/imap/", path)) return &kImapCodec;
  if (path.starts_with("proxy/imap/")) return &kImapSession;
  if (path.starts_with("proxy/spool/record.")) return &kSpoolRecord;
  if (path.starts_with("proxy/spool/digest.")) return &kSpoolRecord;
  if (path.starts_with("proxy/spool/")) return &kSpool;
  if (path.starts_with("proxy/state/")) return &kState;
  if (path.starts_with("proxy/") && !path.substr(6).contains('/')) return &kProxy;
  return nullptr;
}

/// What follows #include, with its quotes or brackets; empty for any other line.
std::string_view include_of(std::string_view line) {
  const auto skip = [&line](std::string_view word) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(word)) return false;
    line.remove_prefix(word.size());
    return true;
  };
  if (!skip("#") || !skip("include") || !skip("") || line.empty()) return {};
  const char close = line.front() == '<' ? '>' : line.front();
  return line.substr(0, line.find(close, 1) + 1);
}

/// Why `path` may not have `include`; empty where it may.
std::string violation(std::string_view path, std::string_view include) {
  const Layer* const layer = layer_of(path);
  if (layer == nullptr) return "the file belongs to no layer: give it one in this test";
  const std::string_view name = include.substr(1, include.size() - 2);
  const std::string rule = std::string(layer->name) + " may not include " + std::string(name);
  if (include.front() == '"') {
    if (!begins_with_any(name, layer->ours)) return rule;
    const bool waits = (layer == &kSmtpCodec && name.starts_with("proxy/smtp/") &&
                        !is_one_of(kSmtpCodecs, "proxy/smtp/", name)) ||
                       (layer == &kImapCodec && name.starts_with("proxy/imap/") &&
                        !is_one_of(kImapCodecs, "proxy/imap/", name));
    return waits ? rule : "";
  }
  const bool standard = name.find_first_of("./") == std::string_view::npos;
  if (standard) return name == "regex" || (layer->pure && kImpure.contains(name)) ? rule : "";
  if (begins_with_any(name, layer->theirs)) return "";
  return layer->system && begins_with_any(name, kSystem) ? "" : rule;
}

struct Source {
  std::string path;  ///< from the root
  std::vector<std::string> lines;
};

const std::vector<Source>& sources() {
  static const std::vector<Source> kSources = [] {
    std::vector<Source> found;
    const fs::path root(PRIVET_SOURCE_DIR);
    for (const std::string_view folder : {"mime", "policy", "certs", "proxy"}) {
      for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
        const fs::path extension = entry.path().extension();
        if (extension != ".h" && extension != ".cc") continue;
        Source source{fs::relative(entry.path(), root).generic_string(), {}};
        std::ifstream in(entry.path());
        for (std::string line; std::getline(in, line);) source.lines.push_back(line);
        found.push_back(std::move(source));
      }
    }
    return found;
  }();
  return kSources;
}

TEST(Layering, EveryIncludeFollowsTheRulesOfItsLayer) {
  for (const Source& source : sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string_view include = include_of(source.lines[i]);
      if (include.empty()) continue;
      EXPECT_EQ(violation(source.path, include), "") << source.path << ":" << i + 1;
    }
  }
}

TEST(Layering, EveryLayerIsThere) {
  std::set<const Layer*> seen;
  for (const Source& source : sources()) seen.insert(layer_of(source.path));
  for (const Layer* layer :
       {&kMime, &kMimeNotice, &kPolicy, &kPolicyYaml, &kCerts, &kNet, &kCodec, &kSharedParts, &kSmtpCodec,
        &kSmtpSession, &kImapCodec, &kSpoolRecord, &kSpool, &kState, &kProxy}) {
    EXPECT_TRUE(seen.contains(layer)) << layer->name;
  }
}

TEST(Layering, LibrariesForOnePurposeStandInOneSourceOfALayer) {
  std::map<std::string_view, std::set<std::string>> users;
  for (const Source& source : sources()) {
    for (const std::string& line : source.lines) {
      const std::string_view include = include_of(line);
      for (const auto& [library, most] : kConfined) {
        if (!include.empty() && include.substr(1).starts_with(library)) users[library].insert(source.path);
      }
    }
  }
  for (const auto& [library, files] : users) {
    EXPECT_EQ(files.size(), kConfined.at(library))
        << library << " is included by " << testing::PrintToString(files);
    for (const std::string& file : files) EXPECT_TRUE(file.ends_with(".cc")) << library << " in " << file;
  }
}

TEST(Layering, HeadersAreFreeOfJson) {
  for (const Source& source : sources()) {
    if (!source.path.ends_with(".h")) continue;
    for (const std::string& line : source.lines)
      EXPECT_FALSE(include_of(line).contains("nlohmann/")) << source.path;
  }
}

TEST(Layering, NoFileIsTooLongToRead) {
  for (const Source& source : sources()) EXPECT_LE(source.lines.size(), kLongestFile) << source.path;
}

TEST(Layering, TellsWhatIsForbidden) {
  struct {
    std::string_view name, path, line;
    bool allowed;
  } const kRows[] = {
      {"MimeKnowsItself", "mime/header.cc", "#include \"mime/header.h\"", true},
      {"MimeKnowsTheLibrary", "mime/header.cc", "#include <string>", true},
      {"MimeKnowsNoPolicy", "mime/header.cc", "#include \"policy/policy.h\"", false},
      {"MimeKnowsNoFiles", "mime/header.cc", "#include <fstream>", false},
      {"MimeKnowsNoClock", "mime/header.cc", "  #  include <chrono>", false},
      {"MimeReadsNothingWithMimetic", "mime/header.cc", "#include <mimetic/mimetic.h>", false},
      {"MimeWritesNoticesWithMimetic", "mime/notice.cc", "#include <mimetic/mimetic.h>", true},
      {"YamlStandsInOneFile", "policy/yaml.cc", "#include <yaml-cpp/parser.h>", true},
      {"AndInNoOther", "policy/policy.cc", "#include <yaml-cpp/parser.h>", false},
      {"PolicyKnowsNoProxy", "policy/policy.cc", "#include \"proxy/limits.h\"", false},
      {"CertsKnowNoProxy", "certs/store.cc", "#include \"proxy/net/tls.h\"", false},
      {"NetSeesUv", "proxy/net/loop.cc", "#include <uv.h>", true},
      {"NetKnowsNoSmtp", "proxy/net/loop.cc", "#include \"proxy/smtp/reply.h\"", false},
      {"NetKnowsLittleOfMime", "proxy/net/loop.cc", "#include \"mime/header.h\"", false},
      {"CodecKnowsCodec", "proxy/smtp/command.h", "#include \"proxy/smtp/reply.h\"", true},
      {"CodecKnowsNoSession", "proxy/smtp/command.h", "#include \"proxy/smtp/session.h\"", false},
      {"CodecKnowsNoNet", "proxy/smtp/command.h", "#include \"proxy/net/task.h\"", false},
      {"CodecKnowsNoOpenSsl", "proxy/smtp/reply.cc", "#include <openssl/evp.h>", false},
      {"SharedCodecKnowsNoProtocol", "proxy/sasl.h", "#include \"proxy/smtp/extension.h\"", false},
      {"SharedPartKnowsNoProtocol", "proxy/route.h", "#include \"proxy/smtp/reply.h\"", false},
      {"SharedCodecKnowsNoOpenSsl", "proxy/sasl.cc", "#include <openssl/evp.h>", false},
      {"CodecKnowsNoThread", "proxy/smtp/sequence.h", "#include <thread>", false},
      {"ImapCodecKnowsImapCodec", "proxy/imap/view.h", "#include \"proxy/imap/bitmap.h\"", true},
      {"ImapCodecKnowsNoSmtp", "proxy/imap/view.h", "#include \"proxy/smtp/reply.h\"", false},
      {"ImapCodecKnowsNoSession", "proxy/imap/view.h", "#include \"proxy/imap/session.h\"", false},
      {"ImapCodecKnowsNoClock", "proxy/imap/view.cc", "#include <chrono>", false},
      {"ProxyHeaderKnowsNoNet", "proxy/proxy_header.cc", "#include \"proxy/net/stream.h\"", false},
      {"SessionKnowsNet", "proxy/smtp/session.h", "#include \"proxy/net/task.h\"", true},
      {"NetSeesAres", "proxy/net/resolver.cc", "#include <ares.h>", true},
      {"SessionSeesNoAres", "proxy/smtp/session.h", "#include <ares.h>", false},
      {"SessionSeesNoUv", "proxy/smtp/session.h", "#include <uv.h>", false},
      {"UpstreamSeesNoOpenSsl", "proxy/smtp/upstream.cc", "#include <openssl/ssl.h>", false},
      {"ImapSessionKnowsNet", "proxy/imap/session.cc", "#include \"proxy/net/stream.h\"", true},
      {"ImapSessionKnowsNoSmtp", "proxy/imap/session.cc", "#include \"proxy/smtp/reply.h\"", false},
      {"SmtpKnowsNoImap", "proxy/smtp/session.h", "#include \"proxy/imap/view.h\"", false},
      {"RecordKnowsNoFiles", "proxy/spool/record.cc", "#include <fcntl.h>", false},
      {"ServeSetsTheAllocator", "proxy/main.cc", "#include <malloc.h>", true},
      {"CodecSetsNoAllocator", "proxy/imap/view.cc", "#include <malloc.h>", false},
      {"SpoolKnowsNoSmtp", "proxy/spool/spool.cc", "#include \"proxy/smtp/reply.h\"", false},
      {"StateKnowsNoPolicy", "proxy/state/store.h", "#include \"policy/policy.h\"", false},
      {"StateKnowsNoSpool", "proxy/state/store.h", "#include \"proxy/spool/spool.h\"", false},
      {"ProxySeesNoUv", "proxy/server.cc", "#include <uv.h>", false},
      {"NobodyUsesRegex", "proxy/server.cc", "#include <regex>", false},
      {"NobodyReadsWithMimetic", "proxy/server.cc", "#include <mimetic/mimetic.h>", false},
      {"AFolderWithoutRules", "proxy/other/file.cc", "#include <string>", false},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    ASSERT_FALSE(include_of(row.line).empty());
    EXPECT_EQ(violation(row.path, include_of(row.line)).empty(), row.allowed);
  }
}

TEST(Layering, FindsIncludesOnlyWhereTheyAre) {
  EXPECT_EQ(include_of("#include <uv.h>  // why"), "<uv.h>");
  EXPECT_EQ(include_of(" # include\t\"mime/header.h\""), "\"mime/header.h\"");
  EXPECT_EQ(include_of("// #include <uv.h>"), "");
  EXPECT_EQ(include_of("#define X"), "");
  EXPECT_EQ(include_of(""), "");
}

}  // namespace
}  // namespace privet

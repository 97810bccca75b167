#include "tests/dialogs/dialog.h"

#include <charconv>
#include <map>
#include <optional>
#include <stdexcept>

namespace privet::dialogs {

namespace {

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

[[noreturn]] void fail(int line, const std::string& what) {
  throw std::runtime_error("line " + std::to_string(line) + ": " + what);
}

// "{a*300}" becomes 300 times "a".
std::string expand(std::string_view text, int line) {
  std::string result;
  while (true) {
    const std::size_t open = text.find('{');
    const std::size_t star = text.find('*', open);
    const std::size_t close = text.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos || star > close) break;
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text.data() + star + 1, text.data() + close, count);
    if (error != std::errc() || end != text.data() + close) fail(line, "expected {text*count}");
    result += text.substr(0, open);
    while (count-- > 0) result += text.substr(open + 1, star - open - 1);
    text.remove_prefix(close + 1);
  }
  return result.append(text);
}

std::string unescape(std::string_view text, int line) {
  const std::map<char, char> kEscapes{{'r', '\r'}, {'n', '\n'}, {'0', '\0'}, {'\\', '\\'}};
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    if (text.substr(i).starts_with("\\x") && i + 3 < text.size()) {
      unsigned char byte = 0;
      std::from_chars(text.data() + i + 2, text.data() + i + 4, byte, 16);
      result += static_cast<char>(byte);
      i += 3;
      continue;
    }
    const auto found = ++i < text.size() ? kEscapes.find(text[i]) : kEscapes.end();
    if (found == kEscapes.end()) fail(line, "unknown escape");
    result += found->second;
  }
  return result;
}

class Parser {
 public:
  Dialog parse(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      ++line_;
      read(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return std::move(dialog_);
  }

 private:
  void read(std::string_view line) {
    if (in_policy_ && line.starts_with("  ")) {
      dialog_.policy.append(line.substr(2)).append("\n");
      return;
    }
    in_policy_ = false;
    line = trim(line.substr(0, line.find("  #")));
    if (line.empty() || line.starts_with('#')) return;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) fail(line_, "expected 'C:', 'S:', '>U:', '<U:' or a setting");
    const std::string_view label = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (!step(label, value) && !setting(label, value)) fail(line_, "unknown: " + std::string(label));
  }

  // "C", "C*19", "C+" (goes out together with the line before it), "C raw"; S, >U and <U alike.
  bool step(std::string_view label, std::string_view value) {
    const bool raw = label.ends_with(" raw");
    if (raw) label = trim(label.substr(0, label.size() - 4));
    int count = 1;
    if (const std::size_t star = label.find('*'); star != std::string_view::npos) {
      std::from_chars(label.data() + star + 1, label.data() + label.size(), count);
      label = label.substr(0, star);
    }
    const bool together = label == "C+";
    const std::map<std::string_view, Step::Kind> kKinds{
        {"C", Step::Kind::ClientSends},    {"C+", Step::Kind::ClientSends},
        {"S", Step::Kind::ClientExpects},  {">U", Step::Kind::UpstreamExpects},
        {"<U", Step::Kind::UpstreamSends}, {"P", Step::Kind::ProxyRestarts},
        {"spool", Step::Kind::SpoolHolds}};
    const auto kind = kKinds.find(label);
    if (kind == kKinds.end()) return false;
    std::string text = expand(value, line_);
    if (raw) text = unescape(text, line_);
    for (int i = 0; i < count; ++i) {
      Step* const last = dialog_.steps.empty() ? nullptr : &dialog_.steps.back();
      const bool joins = kind->second == Step::Kind::ClientSends && (together || i > 0);
      if (joins && last != nullptr && last->kind == kind->second) {
        if (!last->raw) last->text += "\r\n";
        last->text += raw ? text : text + "\r\n";
        last->raw = true;
      } else {
        dialog_.steps.push_back({.kind = kind->second, .text = text, .raw = raw, .line = line_});
      }
    }
    return true;
  }

  bool setting(std::string_view label, std::string_view value) {
    if (!dialog_.steps.empty()) fail(line_, "settings stand before the first step");
    if (label == "start") {
      const std::map<std::string_view, Dialog::Start> kStarts{{"connected", Dialog::Start::Connected},
                                                              {"greeted", Dialog::Start::Greeted},
                                                              {"logged in", Dialog::Start::LoggedIn}};
      const auto found = kStarts.find(value);
      if (found == kStarts.end()) fail(line_, "start: connected, greeted or logged in");
      dialog_.start = found->second;
    } else if (label == "listener") {
      listener(value);
    } else if (label == "message_size") {
      dialog_.message_size = value;
    } else if (label == "trusted") {
      dialog_.trusted = value == "yes" ? "127.0.0.0/8" : value;
    } else if (label == "tenants") {
      dialog_.second_tenant = true;
    } else if (label == "only") {
      dialog_.whole_only = true;
    } else if (label == "tenant") {
      in_policy_ = true;
    } else if (label == "U") {
      upstream(value);
    } else {
      return false;
    }
    return true;
  }

  void listener(std::string_view value) {
    const std::size_t colon = value.find(": ");
    if (value == "protocol: lmtp") {
      dialog_.lmtp = true;
      dialog_.listener_more += ", protocol: lmtp";
    } else if (colon != std::string_view::npos) {
      dialog_.listener_more.append(", ").append(value);
    } else {
      dialog_.listener = value;
    }
  }

  void upstream(std::string_view value) {
    const std::size_t blank = value.find(' ');
    const std::string_view word = value.substr(0, blank);
    const std::string rest(blank == std::string_view::npos ? "" : trim(value.substr(blank)));
    if (word == "ehlo") {
      dialog_.upstream_ehlo = rest;
    } else if (word == "tls") {
      dialog_.upstream_tls = rest;
    } else if (word == "greeting") {
      dialog_.upstream_greeting = rest;
    } else if (word == "certificate") {
      dialog_.certificate_name = rest;
    } else if (word == "hosts") {
      dialog_.upstream_hosts = rest;
    } else if (word == "unreachable") {
      dialog_.upstream_reachable = false;
    } else if (word == "scripted") {
      dialog_.upstream_scripted = true;
    } else {
      fail(line_, "U: ehlo, tls, greeting, certificate, hosts, unreachable or scripted");
    }
  }

  Dialog dialog_;
  int line_ = 0;
  bool in_policy_ = false;
};

}  // namespace

Dialog parse_dialog(std::string_view text) {
  return Parser().parse(text);
}

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace privet::dialogs

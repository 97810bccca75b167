#include "proxy/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

namespace privet::log {

namespace {

std::atomic<bool> as_json = false;  // a reload may change it

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> made = [] {
    auto fresh =
        std::make_shared<spdlog::logger>("privet", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    fresh->set_pattern("%v");
    fresh->set_level(spdlog::level::off);
    fresh->flush_on(spdlog::level::debug);
    return fresh;
  }();
  return *made;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::Debug:
      return spdlog::level::debug;
    case Level::Info:
      return spdlog::level::info;
    case Level::Warning:
      return spdlog::level::warn;
    case Level::Error:
      return spdlog::level::err;
    case Level::Off:
      break;
  }
  return spdlog::level::off;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::Debug:
      return "debug";
    case Level::Info:
      return "info";
    case Level::Warning:
      return "warning";
    default:
      return "error";
  }
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      result += ' ';
    } else {
      result += c;
    }
  }
  return result + '"';
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \"=\\\t\r\n") != std::string_view::npos;
}

}  // namespace

void configure(Level level, bool json) {
  as_json = json;
  // The time goes through spdlog's own pattern; a JSON line is complete.
  logger().set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z",%v})" : "%Y-%m-%dT%H:%M:%S.%e%z %v");
  logger().set_level(to_spdlog(level));
}

bool enabled(Level level) {
  return logger().should_log(to_spdlog(level));
}

void event(Level level, std::string_view what, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  std::string line;
  if (as_json) {
    line = "\"level\":" + quoted(name_of(level)) + ",\"event\":" + quoted(what);
    for (const auto& [key, value] : fields) line += "," + quoted(key) + ":" + quoted(value);
  } else {
    line = std::string(name_of(level)) + ": " + std::string(what);
    for (const auto& [key, value] : fields) {
      line += " " + std::string(key) + "=" + (needs_quotes(value) ? quoted(value) : value);
    }
  }
  logger().log(to_spdlog(level), line);
}

std::string loggable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t blank = text.find_first_of(" \n");
    const std::string_view word = text.substr(0, blank);
    if (!result.empty()) result += ' ';
    result += word.find('@') == std::string_view::npos && !word.starts_with('<') ? word : "…";
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  }
  return result;
}

}  // namespace privet::log

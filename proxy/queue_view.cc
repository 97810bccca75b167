#include "proxy/queue_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "mime/charset.h"
#include "proxy/log.h"
#include "proxy/text.h"

namespace privet {

namespace {

using Json = nlohmann::ordered_json;
using spool::Event;
using spool::Item;
using spool::Kind;
using spool::State;
using spool::Time;

constexpr std::size_t kColumns = 110;

std::string_view to_string(Kind kind) {
  return kind == Kind::Notice ? "notice" : "copy";
}

std::string_view to_string(Event::What what) {
  switch (what) {
    case Event::What::Tried:
      return "tried";
    case Event::What::Maybe:
      return "maybe";
    case Event::What::Held:
      return "held";
    case Event::What::Released:
      return "released";
  }
  return "";
}

bool is_attempt(const Event& event) {
  return event.what == Event::What::Tried || event.what == Event::What::Maybe;
}

// A terminal must not obey what stands in a file.
std::string shown(std::string_view text) {
  return is_clean_utf8(text) ? std::string(text) : "(not readable)";
}

std::string clock_time(Time time) {
  std::tm parts = {};
  gmtime_r(&time, &parts);
  char text[32] = "";
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// "45s", "12m", "5h", "3d".
std::string duration(Time seconds) {
  constexpr Time kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  if (seconds >= 2 * kDay) return fmt::format("{}d", seconds / kDay);
  if (seconds >= 2 * kHour) return fmt::format("{}h", seconds / kHour);
  if (seconds >= 2 * kMinute) return fmt::format("{}m", seconds / kMinute);
  return fmt::format("{}s", std::max<Time>(seconds, 0));
}

// The first `width` characters of clean UTF-8, the last of them "…" where something is left out.
std::string cut(std::string_view text, std::size_t width) {
  std::size_t characters = 0, kept = 0;
  for (std::size_t at = 0; at < text.size();
       at += std::max<std::size_t>(mime::utf8_length(text.substr(at)), 1)) {
    if (++characters < width) continue;
    if (characters > width) return std::string(text.substr(0, kept)) + "…";
    kept = at;
  }
  return std::string(text);
}

// A notice goes to the sender, whom a list does not name.
std::string listed_recipient(const Item& item) {
  return item.record.kind == Kind::Notice ? "(its sender)" : shown(item.record.recipient);
}

const Event* last_attempt(const Item& item) {
  const auto found = std::find_if(item.events.rbegin(), item.events.rend(), is_attempt);
  return found == item.events.rend() ? nullptr : &*found;
}

// Without what could be the sender's address.
std::string last_answer(const Item& item) {
  const Event* const last = last_attempt(item);
  return last == nullptr ? "" : log::loggable(shown(last->text));
}

Json summary(const Item& item) {
  const auto& record = item.record;
  return {{"id", record.id},
          {"kind", to_string(record.kind)},
          {"state", spool::to_string(item.state)},
          {"tenant", record.tenant},
          {"created", clock_time(record.created)},
          {"next_try", is_waiting(item) ? Json(clock_time(item.next_try)) : Json()},
          {"expires", clock_time(record.expires)},
          {"tries", std::ranges::count_if(item.events, is_attempt)},
          {"recipient", record.kind == Kind::Notice ? Json() : Json(record.recipient)},
          {"last_answer", last_attempt(item) == nullptr ? Json() : Json(last_answer(item))}};
}

Json details(const Item& item) {
  const auto& record = item.record;
  Json json = summary(item);
  json["user"] = record.user;
  json["sender"] = record.reverse_path;
  json["recipient"] = record.recipient;
  json["mail_parameters"] = record.mail_parameters;
  json["rcpt_parameters"] = record.rcpt_parameters;
  json["verdict"] = record.verdict;
  json["rule"] = record.rule;
  json["notify"] = record.notify;
  json["size"] = item.content_size;
  const Event* const last = last_attempt(item);
  json["last_answer"] = last == nullptr ? Json() : Json(last->text);
  json["events"] = Json::array();
  for (const Event& event : item.events) {
    json["events"].push_back(
        {{"time", clock_time(event.time)}, {"what", to_string(event.what)}, {"text", event.text}});
  }
  return json;
}

void write(const Json& json, std::ostream& out) {
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace

bool is_waiting(const Item& item) {
  return item.state == State::Committed || item.state == State::Deferred;
}

void write_text(const spool::Listing& listing, Time now, std::ostream& out) {
  std::size_t id_width = 2, tenant_width = 6;
  constexpr std::size_t kTenantMost = 16;
  for (const Item& item : listing.items) {
    id_width = std::max(id_width, item.record.id.size());
    tenant_width = std::clamp(item.record.tenant.size(), tenant_width, kTenantMost);
  }
  const auto line = [&](std::string_view id, std::string_view state, std::string_view tenant,
                        std::string_view age, std::string_view next, std::string_view expires,
                        std::string_view tries, std::string_view recipient) {
    std::string text = fmt::format("{:<{}}  {:<9}  {:<{}}  {:>4}  {:>4}  {:>7}  {:>5}  ", id, id_width, state,
                                   cut(tenant, tenant_width), tenant_width, age, next, expires, tries);
    text += cut(recipient, kColumns - (id_width + tenant_width + 46));
    out << text << "\n";
  };
  if (!listing.items.empty()) line("ID", "STATE", "TENANT", "AGE", "NEXT", "EXPIRES", "TRIES", "RECIPIENT");
  for (const Item& item : listing.items) {
    const auto& record = item.record;
    const std::string next = !is_waiting(item)     ? "-"
                             : item.next_try > now ? duration(item.next_try - now)
                                                   : "now";
    const std::string expires = record.expires > now ? duration(record.expires - now) : "now";
    line(record.id, spool::to_string(item.state), shown(record.tenant), duration(now - record.created), next,
         expires, fmt::format("{}", std::ranges::count_if(item.events, is_attempt)), listed_recipient(item));
    if (const std::string answer = last_answer(item); !answer.empty())
      out << "    " << cut(answer, kColumns - 4) << "\n";
  }
  out << fmt::format("{} in the spool.\n", listing.items.size());
  for (const std::string& name : listing.aside) {
    out << "Not readable, never delivered: " << cut(shown(name), kColumns - 31) << "\n";
  }
}

void write_json(const spool::Listing& listing, std::ostream& out) {
  Json json = Json::array();
  for (const Item& item : listing.items) json.push_back(summary(item));
  for (const std::string& name : listing.aside) {
    Json damaged = summary(Item{});
    for (auto& [key, value] : damaged.items()) value = nullptr;
    damaged["id"] = name;
    damaged["state"] = "damaged";
    json.push_back(std::move(damaged));
  }
  write(json, out);
}

void write_text(const Item& item, Time now, std::ostream& out) {
  const auto& record = item.record;
  const auto line = [&out](std::string_view name, std::string_view value) {
    out << fmt::format("  {:<16} {}\n", name, shown(value));
  };
  out << to_string(record.kind) << " " << record.id << "\n";
  line("state", spool::to_string(item.state));
  line("tenant", record.tenant);
  line("user", record.user.empty() ? "(no login)" : record.user);
  line("sender", "<" + record.reverse_path + ">");
  line("recipient", "<" + record.recipient + ">");
  if (!record.mail_parameters.empty()) line("MAIL parameters", record.mail_parameters);
  if (!record.rcpt_parameters.empty()) line("RCPT parameters", record.rcpt_parameters);
  if (record.kind == Kind::Copy) line("verdict", record.verdict + " (" + record.rule + ")");
  line("size", fmt::format("{} bytes", item.content_size));
  line("created", clock_time(record.created) + " (" + duration(now - record.created) + " ago)");
  if (is_waiting(item)) line("next try", clock_time(item.next_try));
  line("expires", clock_time(record.expires) + (record.notify ? ", the sender is told" : ""));
  for (const Event& event : item.events) {
    out << "  " << clock_time(event.time) << " " << to_string(event.what);
    out << (event.text.empty() ? "" : ": ") << shown(event.text) << "\n";
  }
}

void write_json(const Item& item, std::ostream& out) {
  write(details(item), out);
}

}  // namespace privet

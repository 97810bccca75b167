// The log: one event a line, as key=value or JSON, to standard error. Keys are the project's words: session=
// transaction= tenant= verdict= rule= copy= upstream_reply=. Addresses, subjects, secrets and content never
// stand in it: events take short texts of our own, and what an upstream said is passed through loggable().
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace privet::log {

enum class Level { Debug, Info, Warning, Error, Off };

/// Once, before the first event.
void configure(Level level, bool json);
bool enabled(Level level);

using Field = std::pair<std::string_view, std::string>;
/// `what` names the event ("transaction", "upstream unreachable").
void event(Level level, std::string_view what, std::initializer_list<Field> fields);

/// An upstream's words without anything that looks like an address ("<…>" and tokens with "@" become "…").
std::string loggable(std::string_view text);

}  // namespace privet::log

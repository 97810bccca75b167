// What `privet queue` prints of the spool: a table of at most 110 columns, one copy's facts, or JSON.
//
// Promise: a list names no sender, also not where an upstream's answer does. Nothing that stands in a file
// can move the terminal.
#pragma once

#include <iosfwd>

#include "proxy/spool/browse.h"

namespace privet {

/// Neither held nor in doubt: it has a next try.
bool is_waiting(const spool::Item& item);

/// Ages are relative to `now`.
void write_text(const spool::Listing& listing, spool::Time now, std::ostream& out);
void write_text(const spool::Item& item, spool::Time now, std::ostream& out);

/// An array with one object for each copy; what is damaged has "id" (its path in the spool) and "state"
/// alone.
void write_json(const spool::Listing& listing, std::ostream& out);
/// The same object with everything else that is known of the copy.
void write_json(const spool::Item& item, std::ostream& out);

}  // namespace privet

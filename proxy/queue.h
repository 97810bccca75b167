// `privet queue`: what waits in the spool, and what an administrator does to it. Works on the files alone, so
// that it does not matter whether the server runs.
//
// Promise: `list` names CRMs' addresses only; the sender's stands in `show`. A copy's content is written by
// `show` when it is asked for, and by nothing else.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "proxy/spool/record.h"

namespace privet {

struct QueueOptions {
  enum class Verb { List, Show, Flush, Hold, Release, Remove };
  Verb verb = Verb::List;
  std::string folder;            ///< of the spool
  std::vector<std::string> ids;  ///< of everything but List; of Show exactly one
  std::string tenant;            ///< List and Flush: only copies of this one; "" for no such limit
  bool all = false;              ///< Flush: whatever waits
  bool json = false;             ///< List and Show: for machines; README.md names the keys
  bool content = false;          ///< Show: the copy as the CRM gets it, byte for byte, and nothing else
};

/// Returns the exit status: 0, or 1 after an error, written to `errors` as one line each; the other ids of
/// the command are done all the same. `now` is the wall clock's.
int queue(const QueueOptions& options, spool::Time now, std::ostream& out, std::ostream& errors);

}  // namespace privet

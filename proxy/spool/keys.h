// Duplicate keys of copies that the CRM has: the same message again within limits::kDeliveredKeys is not
// sent to it again. Kept in SQLite; survives a killed process, and may lose the last seconds with the power:
// a duplicate in the CRM is the worst that comes of it. On one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "proxy/spool/record.h"

namespace privet::spool {

class Keys {
 public:
  /// Opens or makes the file. One that is damaged is renamed to "….damaged" and begun anew; where no file can
  /// be had the keys are kept in memory. Either is logged.
  explicit Keys(const std::string& file);
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys();

  bool has(std::string_view key, Time now);
  /// Found by has() at once, kept once save() was called.
  void add(std::string_view key, Time now);
  /// Writes what was added. False when it could not; it is logged.
  bool save();
  /// Drops what is too old.
  void forget_old(Time now);

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace privet::spool

#include "proxy/spool/spare_files.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "proxy/limits.h"

namespace privet::spool {

void SpareFiles::clear() {
  names_.clear();
  unused_ = 0;
  const auto names = disk_.names(Folder::Spare);
  if (!names) return;  // whatever is wrong with the disk shows in the other folders
  for (const std::string& name : *names) disk_.remove(Folder::Spare, name);
}

void SpareFiles::clear_unused() {
  const auto end = names_.begin() + static_cast<std::ptrdiff_t>(unused_);
  for (auto name = names_.begin(); name != end; ++name) disk_.remove(Folder::Spare, *name);
  names_.erase(names_.begin(), end);
  unused_ = names_.size();
}

std::expected<SpareFiles::File, SystemError> SpareFiles::take(std::string_view id) {
  while (!names_.empty()) {
    std::string name = std::move(names_.back());
    names_.pop_back();
    unused_ = std::min(unused_, names_.size());
    if (auto file = disk_.open_own(Folder::Spare, name))
      return File{.name = std::move(name), .descriptor = std::move(*file)};
    disk_.remove(Folder::Spare, name);
  }
  auto made = disk_.make(Folder::Spare, id);
  if (!made) return std::unexpected(made.error());
  return File{.name = std::string(id), .descriptor = std::move(*made)};
}

SystemError SpareFiles::remove(Folder folder, const std::string& id) {
  const bool moved = names_.size() < limits::kSpareFiles && disk_.move(id, folder, Folder::Spare) == 0;
  if (!moved) return disk_.remove(folder, id);
  names_.push_back(id);
  return 0;
}

}  // namespace privet::spool

// A session's place among the connections of its source (Guard), given back with the session.
#pragma once

#include <string>
#include <utility>

#include "proxy/guard.h"

namespace privet {

class Admission {
 public:
  explicit Admission(Guard& guard) : guard_(guard) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  ~Admission() {
    if (inside_) guard_.leave(address_);
  }
  /// False when the source has too many already.
  bool enter(std::string address) {
    address_ = std::move(address);
    return inside_ = guard_.admit(address_);
  }

 private:
  Guard& guard_;
  std::string address_;
  bool inside_ = false;
};

}  // namespace privet

// Random names: for Message-IDs that nobody can guess or meet twice.
#pragma once

#include <string>

namespace privet::smtp {

/// 128 random bits in lower-case hex.
std::string random_hex();

}  // namespace privet::smtp

// Taking people out of one address field while what stays keeps its bytes.
#pragma once

#include <string>

#include "mime/header.h"
#include "mime/inspection.h"
#include "mime/result.h"

namespace privet::mime {

/// An address field after redaction.
struct StrippedField {
  std::string raw;             ///< new bytes, the old ones where nothing had to go; empty when nobody is left
  std::size_t removed = 0;     ///< addresses taken out
  bool names_removed = false;  ///< a display name or comment went because it named somebody stripped
};

/// Takes out every address for which `strip` is true (unless `keep_all`) with its display name and comments,
/// and the display names and comments of others that contain such an address. A group left empty goes with
/// its name. Removed keys are added to `stripped`. Error when the field or what is left of it cannot be read
/// without doubt, and when somebody who must go is still found in it by a reader who decodes it first.
Result<StrippedField> strip_field(const Field& field, const AddressTest& strip, bool keep_all,
                                  AddressKeys& stripped);

}  // namespace privet::mime

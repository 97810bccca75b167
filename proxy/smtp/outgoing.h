// One message with a CRM recipient, held while it is split and sent.
#pragma once

#include <string>
#include <utility>

#include "policy/split.h"
#include "proxy/smtp/content_buffer.h"
#include "proxy/smtp/transmit.h"

namespace privet::smtp {

struct Outgoing {
  explicit Outgoing(std::string folder) : content(std::move(folder)) {}
  ContentBuffer content;
  policy::Split split;         ///< borrows from content
  std::string message_id;      ///< the original's own, as written; for the duplicate key
  std::string content_digest;  ///< SHA-256 of the original without its trace fields
  bool may_notify = false;     ///< whoever sent it may be told of a copy that failed
};

/// One CRM's rendition; borrows from `message`.
inline Pieces pieces(const Outgoing& message, const policy::CrmCopy& copy) {
  return {.parts = {copy.header, message.split.body}, .mapped = message.content.is_mapped()};
}

}  // namespace privet::smtp

#include "proxy/imap/fetch_plan.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "mime/ascii.h"
#include "proxy/imap/envelope.h"
#include "proxy/imap/modseq.h"
#include "proxy/imap/section.h"
#include "proxy/imap/write.h"

namespace privet::imap {

namespace {

constexpr std::array kRoots{Root::Single, Root::Message, Root::Multipart};

/// Everything of a section, as a range.
constexpr Partial kWhole{0, std::numeric_limits<std::uint32_t>::max()};

/// No field has it: a list of names that cannot be asked for finds what a list of this one finds.
constexpr std::string_view kNoField = "X-Privet-None";

bool is_plain_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return c > ' ' && c <= '~' && std::string_view("(){}%*\"\\[]:").find(c) == std::string_view::npos;
  });
}

std::string spec_of(const Section& section) {
  std::string spec;
  for (const std::uint32_t part : section.part) spec += (spec.empty() ? "" : ".") + std::to_string(part);
  constexpr std::array<std::string_view, 6> kTexts{"",     "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT",
                                                   "TEXT", "MIME"};
  const std::string_view text = kTexts[static_cast<std::size_t>(section.text)];
  if (!spec.empty() && !text.empty()) spec += ".";
  spec += text;
  if (section.text != SectionText::HeaderFields && section.text != SectionText::HeaderFieldsNot) return spec;
  std::string names;
  for (const std::string& name : section.fields) {
    if (is_plain_name(name)) names += (names.empty() ? "" : " ") + name;
  }
  return spec + " (" + (names.empty() ? std::string(kNoField) : names) + ")";
}

/// Upstreams echo a section in capitals of their own, and field names in quotes.
std::string comparable(std::string_view spec) {
  std::string result;
  for (const char c : spec) {
    if (c != '"') result += mime::to_lower(c);
  }
  return result;
}

bool is_text_of_all(const FetchItem& item) {
  return item.kind == FetchItem::Kind::Rfc822 || item.kind == FetchItem::Kind::Rfc822Text ||
         (item.kind == FetchItem::Kind::Section && item.section.part.empty() &&
          item.section.text == SectionText::All);
}

}  // namespace

bool is_for_one(const std::vector<FetchItem>& items) {
  return std::ranges::any_of(items, [](const FetchItem& item) {
    return item.partial && need_of(item, Root::Multipart).text && item.kind == FetchItem::Kind::Section;
  });
}

bool is_same_for_all(const std::vector<FetchItem>& items) {
  return std::ranges::all_of(items, [](const FetchItem& item) {
    return need_of(item, kRoots[0]) == need_of(item, kRoots[1]) &&
           need_of(item, kRoots[0]) == need_of(item, kRoots[2]);
  });
}

std::vector<std::string_view> flags_for_client(const std::vector<std::string_view>& flags,
                                               bool marked_private) {
  std::vector<std::string_view> shown;
  shown.reserve(flags.size() + 1);
  for (const std::string_view flag : flags) {
    if (!mime::equals_ignoring_case(flag, "\\Recent") && !mime::equals_ignoring_case(flag, kPrivateKeyword))
      shown.push_back(flag);
  }
  if (marked_private) shown.push_back(kPrivateKeyword);
  return shown;
}

std::optional<std::uint64_t> FetchPlan::origin_of(const Asked& asked) {
  return asked.partial ? std::optional(asked.partial->origin) : std::nullopt;
}

FetchPlan::FetchPlan(std::vector<FetchItem> items, Root root, std::string_view header,
                     std::vector<FetchItem>& rest) {
  bool modseq = false, date = false, body = false, structure = false;
  std::string sections;
  for (FetchItem& item : items) {
    Need need = need_of(item, root);
    std::optional<Asked> asked;
    if (need.text && is_text_of_all(item)) {
      asked = Asked{"TEXT", item.partial};
      if (item.kind != FetchItem::Kind::Rfc822Text) {
        const StreamRange range = stream_range(header, item.partial);
        need.text = range.text || !item.partial;
        asked->partial = range.text_partial;
        if (!item.partial) asked->partial.reset();
        if (!need.text) asked.reset();
      }
    } else if (need.item && item.kind == FetchItem::Kind::Section) {
      asked = Asked{spec_of(item.section), item.partial};
    }
    if (asked) {
      const std::string spec = comparable(asked->spec);
      const auto is_taken = [&] {
        return std::ranges::any_of(asked_, [&](const std::optional<Asked>& other) {
          return other && comparable(other->spec) == spec && origin_of(*other) == origin_of(*asked);
        });
      };
      // Told apart by the origin that the upstream repeats: some clients take one answer for a message only.
      if (is_taken() && !asked->partial) asked->partial = kWhole;
      if (is_taken()) {
        rest.push_back(std::move(item));
        continue;
      }
      sections += " BODY.PEEK[" + asked->spec + "]";
      if (asked->partial)
        sections +=
            "<" + std::to_string(asked->partial->origin) + "." + std::to_string(asked->partial->count) + ">";
    }
    asks_for_flags_ = asks_for_flags_ || item.kind == FetchItem::Kind::Flags;
    modseq = modseq || item.kind == FetchItem::Kind::ModSeq;
    date = date || item.kind == FetchItem::Kind::InternalDate;
    asks_for_size_ = asks_for_size_ || need.size;
    body = body || item.kind == FetchItem::Kind::Body;
    structure = structure || item.kind == FetchItem::Kind::BodyStructure;
    needs_header_ = needs_header_ || need.header;
    names_.push_back(" " + item.answer_name() + " ");
    items_.push_back(std::move(item));
    needs_.push_back(need);
    asked_.push_back(std::move(asked));
  }
  asks_for_more_ = date || asks_for_size_ || body || structure || !sections.empty();
  if (!asks_for_flags_ && !modseq && !asks_for_more_) return;
  upstream_items_ = "(UID";
  if (asks_for_flags_) upstream_items_ += " FLAGS";
  if (modseq) upstream_items_ += " MODSEQ";
  if (date) upstream_items_ += " INTERNALDATE";
  if (asks_for_size_) upstream_items_ += " RFC822.SIZE";
  if (body) upstream_items_ += " BODY";
  if (structure) upstream_items_ += " BODYSTRUCTURE";
  upstream_items_ += sections + ")";
}

bool FetchPlan::is_answer(const FetchData& said) const {
  if (!said.uid) return false;
  const bool says_more =
      said.internal_date || said.rfc822_size || said.body || said.body_structure || !said.sections.empty();
  return says_more || !asks_for_more_;
}

std::optional<std::size_t> FetchPlan::item_of(const FetchedSection& section) const {
  if (!mime::equals_ignoring_case(section.item, "BODY")) return std::nullopt;
  const std::string spec = comparable(section.spec);
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    if (!asked_[i] || comparable(asked_[i]->spec) != spec) continue;
    if (origin_of(*asked_[i]) == section.origin) return i;
  }
  return std::nullopt;
}

void FetchPlan::begin_literal(std::string& out, std::size_t item, std::string_view header,
                              std::uint64_t size) const {
  const std::string_view front =
      needs_[item].header ? stream_range(header, items_[item].partial).header : std::string_view();
  out.append(names_[item]);
  Writer(out, LiteralForm::Response).literal_head(front.size() + size);
  out.append(front);
}

void FetchPlan::answer(std::string& out, std::size_t index, const Facts& facts, const FetchData& said) const {
  const FetchItem& item = items_[index];
  const Need& need = needs_[index];
  Writer writer(out, LiteralForm::Response);
  const auto expression = [&](const std::optional<std::string_view>& text) {
    if (!text) return;
    out.append(names_[index]);
    writer.expression(*text);
  };
  switch (item.kind) {
    case FetchItem::Kind::Uid:
      writer.words(" UID ").number(facts.message.uid);
      return;
    case FetchItem::Kind::Flags:
      if (said.flags) writer.words(" FLAGS ").flags(flags_for_client(*said.flags, facts.note.marked_private));
      return;
    case FetchItem::Kind::InternalDate:
      if (!said.internal_date) return;
      writer.words(" INTERNALDATE ").string(*said.internal_date);
      return;
    case FetchItem::Kind::Rfc822Size:
      if (!said.rfc822_size) return;
      writer.words(" RFC822.SIZE ").number(redacted_size(*said.rfc822_size, facts.note.size_change));
      return;
    case FetchItem::Kind::Envelope:
      writer.words(" ENVELOPE ");
      out.append(envelope_of(facts.header));
      return;
    case FetchItem::Kind::Body:
      return expression(said.body);
    case FetchItem::Kind::BodyStructure:
      return expression(said.body_structure);
    case FetchItem::Kind::Rfc822Header:
      writer.words(" RFC822.HEADER ").literal(facts.header);
      return;
    case FetchItem::Kind::ModSeq:
      if (!said.modseq) return;
      writer.words(" MODSEQ (").number(modseq_seen(*said.modseq, facts.modseq_offset)).words(")");
      return;
    case FetchItem::Kind::Section:
    case FetchItem::Kind::Rfc822:
    case FetchItem::Kind::Rfc822Text:
      break;
  }
  if (!asked_[index]) {
    // All of it is ours: a section of the header, or the first bytes of the message.
    const bool whole = is_text_of_all(item);
    std::string scratch;
    const std::string_view bytes =
        !need.header ? std::string_view()
        : whole      ? stream_range(facts.header, item.partial).header
                     : partial_of(header_section(facts.header, item.section, scratch), item.partial);
    out.append(names_[index]);
    writer.literal(bytes);
    return;
  }
  for (const FetchedSection& section : said.sections) {
    if (item_of(section) != index || section.content == FetchedSection::Content::Streamed) continue;
    if (section.content == FetchedSection::Content::Nil) {
      // A message that is going, or a part that is not there: never half of it.
      out.append(names_[index]).append("NIL");
      return;
    }
    std::string scratch;
    const std::string_view bytes = section.value(scratch);
    begin_literal(out, index, facts.header, bytes.size());
    out.append(bytes);
    return;
  }
}

}  // namespace privet::imap

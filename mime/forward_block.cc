#include "mime/forward_block.h"

#include <algorithm>
#include <array>

#include "mime/address_scan.h"
#include "mime/ascii.h"
#include "mime/limits.h"

namespace privet::mime {
namespace {

// Words before the colon, each between bars. Only ASCII letters are compared without case, so others stand
// here in both.
constexpr auto kWords = std::to_array<std::string_view>({
    /* English    */
    "|from|to|cc|bcc|reply-to|reply to|sender|recipient|recipients|from address|sent by|on behalf "
    "of|return-path|delivered-to|x-original-to|",
    /* RFC 5322   */ "|resent-from|resent-sender|resent-to|resent-cc|resent-bcc|",
    /* RFC 3464   */ "|final-recipient|original-recipient|original-rcpt-to|original-mail-from|",
    /* German     */
    "|von|an|kopie|kopie an|blindkopie|antwort an|gesendet von|absender|empfänger|Empfänger|empfaenger|"
    "an kopie|verteiler|im auftrag von|",
    /* French     */
    "|de|a|à|À|pour|copie|copie à|cci|répondre à|Répondre à|expéditeur|Expéditeur|"
    "expediteur|destinataire|destinataires|destinataire(s)|envoyé par|Envoyé par|",
    /* Swedish    */ "|från|till|kopia|hemlig kopia|svara till|avsändare|mottagare|",
    /* Danish     */ "|fra|til|kopi|blindkopi|svar til|afsender|modtager|avsender|mottaker|",
    /* Dutch      */ "|van|aan|antwoord aan|afzender|ontvanger|verzonden door|",
    /* Italian    */ "|da|per|ccn|rispondi a|mittente|destinatario|destinatari|",
    /* Spanish    */
    "|para|cco|con copia|con copia a|com cópia|responder a|remitente|destinatarios|remetente|destinatário|",
    /* Polish     */ "|od|do|dw|udw|nadawca|adresat|odbiorca|",
    /* Czech      */ "|komu|skrytá kopie|kópia|kam|odesílatel|příjemce|odosielateľ|príjemca|",
    /* Finnish    */ "|lähettäjä|vastaanottaja|kopio|saatja|saaja|koopia|",
    /* Hungarian  */ "|feladó|címzett|másolat|",
    /* Turkish    */ "|kimden|kime|gönderen|bilgi|alıcı|",
    /* Romanian   */ "|de la|către|Către|",
    /* Croatian   */ "|prima|šalje|Šalje|za|kp|",
    /* Baltic     */ "|nuo|no|kopija|",
    /* Russian    */ "|от|От|от кого|От кого|кому|Кому|копия|Копия|",
    /* Ukrainian  */ "|від|Від|копія|Копія|",
    /* Greek      */ "|από|Από|προς|Προς|κοιν.|Κοιν.|κοινοποίηση|Κοινοποίηση|",
    /* Japanese   */ "|差出人|宛先|送信者|送信元|",
    /* Chinese    */ "|发件人|收件人|抄送|寄件者|收件者|副本|密件抄送|",
    /* Korean     */ "|보낸 사람|받는 사람|보낸사람|받는사람|참조|",
    /* Hebrew     */ "|מאת|אל|עותק|",
    /* Arabic     */ "|من|إلى|نسخة|",
});
constexpr std::size_t kLongestWord = 40;

/// Calls `visit(line)` for each line without its break; stops when `visit` returns false.
template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!visit(line)) return;
    at = end + 1;
  }
}

/// Takes addresses from `text`; false when there are too many.
bool collect(std::string_view text, std::vector<AddrSpec>& found) {
  for_each_address(text, [&](std::string_view local, std::string_view domain) {
    found.push_back({std::string(local), std::string(domain)});
    return found.size() <= limits::kAddressesPerMessage;
  });
  return found.size() <= limits::kAddressesPerMessage;
}

/// `line` without "> > " and "|" in front.
std::string_view without_quoting(std::string_view line) {
  for (;;) {
    const std::size_t mark = line.find_first_not_of(kBlanks);
    if (mark == line.npos || (line[mark] != '>' && line[mark] != '|')) return line;
    line.remove_prefix(mark + 1);
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
}

/// True when an address field's word and a colon begin `line`.
bool is_header_line(std::string_view line) {
  constexpr std::string_view kEmphasis = " \t*_#";
  const std::size_t begin = line.find_first_not_of(kEmphasis);
  if (begin == line.npos) return false;
  const std::string_view start = line.substr(begin, kLongestWord);
  const std::size_t colon = start.find(':');
  if (colon == start.npos) return false;
  const std::string word = to_lower(trim(start.substr(0, colon), kEmphasis));
  if (word.empty()) return false;
  return std::ranges::any_of(kWords, [&](std::string_view row) { return row.contains('|' + word + '|'); });
}

/// True for a line that ends inside angle brackets.
bool is_open(std::string_view line) {
  const std::size_t open = line.rfind('<');
  return open != line.npos && line.find('>', open) == line.npos;
}

/// True for a line that goes on with a header line's list of people: one that begins or ends with an address
/// in angle brackets.
bool goes_on(std::string_view line) {
  const std::size_t end = line.find_last_not_of(",; ");
  return line.contains('@') && (line.starts_with('<') || (end != line.npos && line[end] == '>'));
}

}  // namespace

void collect_header_lines(std::string_view text, std::vector<AddrSpec>& found) {
  bool inside = false;    // the last line belongs to a header field
  bool awaiting = false;  // that line ended with a separator or inside angle brackets
  for_each_line(text, [&](std::string_view quoted) {
    const std::string_view line = without_quoting(quoted);
    const std::string_view content = trim(line);
    const bool continues =
        inside && !content.empty() && (awaiting || kBlanks.contains(line.front()) || goes_on(content));
    inside = continues || is_header_line(line);
    awaiting = inside && (std::string_view(",;:<").contains(content.back()) || is_open(content));
    return !inside || collect(line, found);
  });
}

void collect_calendar_lines(std::string_view text, std::vector<AddrSpec>& found) {
  for_each_line(text, [&](std::string_view line) {
    const bool names_people =
        starts_with_ignoring_case(line, "ATTENDEE") || starts_with_ignoring_case(line, "ORGANIZER");
    return !names_people || collect(line, found);
  });
}

}  // namespace privet::mime

// BDAT (RFC 3030): chunks are held until the last, whatever the recipients; then the message goes the way of
// held content. Lengths tell where a chunk ends, so that a refused one is dropped to its end.
#include <algorithm>
#include <string>
#include <utility>

#include "proxy/limits.h"
#include "proxy/smtp/session.h"

namespace privet::smtp {

namespace {

const Reply kTooLarge{552, "5.3.4", "The message is larger than may be sent"};

}  // namespace

net::Task<Reply> Session::chunk(const Command& command) {
  std::optional<Reply> refusal = sequence_.local_answer(command);
  if (refusal && refusal->code == 521) co_return *refusal;
  content_began_ = environment_.loop.now();
  if (!refusal && chunks_ == nullptr) chunks_ = std::make_unique<Chunks>(environment_.content_folder);
  if (!refusal && command.chunk_size > environment_.message_size -
                                           std::min(chunks_->decoder.size(), environment_.message_size))
    refusal = kTooLarge;
  if (command.chunk_size > environment_.message_size + limits::kOversize) {
    co_return Reply{421, "4.7.0", "Far more content than may be sent"};
  }
  for (std::uint64_t left = command.chunk_size; left > 0;) {
    const std::string_view piece = client_.input().substr(0, left);
    if (piece.empty()) {
      co_await await_content(command.chunk_size - left);
      continue;
    }
    if (!refusal)
      chunks_->decoder.feed(piece, [this](std::string_view good) {
        chunks_->hops.add(good);
        chunks_->message->content.append(good);
      });
    left -= piece.size();
    client_.consume(piece.size());
  }
  if (refusal) {
    // In another order than this the chunk ends nothing; else what follows would meet an open transaction.
    const bool ends = command.last && refusal->code == kTooLarge.code;
    if (!ends) co_return *refusal;
    const Reply answer = answer_each(*refusal);
    co_await reset();
    co_return answer;
  }
  if (!command.last) co_return Reply{250, "2.0.0", std::to_string(command.chunk_size) + " octets taken"};

  const std::unique_ptr<Chunks> chunks = std::move(chunks_);
  chunks->decoder.finish();
  refusal = refusal_of(chunks->decoder.fault(), chunks->decoder.size(), chunks->hops);
  if (!refusal && transaction_->nobody_got_it()) refusal = Reply{554, "5.5.1", "No valid recipients"};
  if (refusal) {
    const Reply answer = answer_each(*refusal);
    co_await reset();
    co_return answer;
  }
  if (!chunks->decoder.ends_in_crlf()) chunks->message->content.append("\r\n");
  client_.flush();  // the answers to what was pipelined in front of it
  Reply reply = co_await send_held(chunks->message);
  note_transaction(reply);
  transaction_.reset();
  co_return reply;
}

}  // namespace privet::smtp

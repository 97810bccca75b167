// The spool on disk: its public side is in spool.cc; what it does to the files, on the writer's thread, in
// disk_spool.cc.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/spool/disk.h"
#include "proxy/spool/health.h"
#include "proxy/spool/index.h"
#include "proxy/spool/keys.h"
#include "proxy/spool/spare_files.h"
#include "proxy/spool/spool.h"
#include "proxy/spool/writer.h"

namespace privet::spool {

class DiskSpool final : public Spool {
 public:
  DiskSpool(Settings settings, Disk disk);
  ~DiskSpool() override {
    reader_.reset();  // it may still give the writer something
    writer_.reset();
    spare_.clear();
  }

  /// Takes up what the folders hold, before anything else.
  SystemError start();

  bool accepts() const override;
  std::string key_for(std::string_view tenant, std::string_view user, std::string_view recipient,
                      std::string_view message_id, std::string_view content_sha256) const override;
  Ticket<Result<std::vector<Prepared>>> prepare(net::Loop& loop, std::vector<Draft> drafts) override;
  Ticket<bool> commit(net::Loop& loop, std::vector<std::string> ids) override;
  void abort(std::vector<std::string> ids) override;
  void leave_in_doubt(std::vector<std::string> ids) override;
  std::vector<Waiting> waiting_for(std::string_view tenant, std::string_view user,
                                   std::size_t most) const override;
  std::vector<Waiting> due(const std::function<bool(std::string_view)>& wanted,
                           std::size_t most) const override;
  std::vector<Waiting> expired(std::size_t most) const override;
  bool claim(std::string_view id) override;
  void release(std::string_view id) override;
  void postpone(std::string_view id, Time until) override;
  Ticket<Result<Loaded>> load(net::Loop& loop, std::string id) override;
  void delivered(std::string_view id) override { end(id, true); }
  void failed(std::string_view id) override { end(id, false); }
  void deferred(std::string_view id, Event event, Time next_try) override;
  Ticket<bool> settled(net::Loop& loop) override;
  void look_around() override;
  void glance() override;
  Time now() const override { return clock_(); }

 private:
  // On the writer's thread.
  Result<std::vector<Prepared>> write_drafts(Batch& batch, const std::vector<Draft>& drafts);
  Result<Prepared> write_draft(Batch& batch, const Draft& draft);
  std::expected<Descriptor, SystemError> write_file(const std::string& id,
                                                    const std::vector<std::string_view>& pieces,
                                                    bool last_is_mapped, Time modified);
  std::optional<Prepared> take_over(const std::string& key);
  void give_up(const std::vector<Prepared>& prepared);
  void drop(const std::string& share);
  bool move_to_committed(Batch& batch, const std::string& share);
  void finish_commit(const std::string& share);
  void note(Batch& batch, const std::string& id, const std::string& line, Time next_try);
  void remove_file(const std::string& id);
  void set_damaged_aside(const std::string& id, const std::string& why);
  void check_disk(std::string_view what, SystemError error) const;
  // On the reader's.
  Result<Loaded> read(const std::string& id);
  void give_back(const std::string& id, const std::string& why);

  void end(std::string_view id, bool arrived);
  void look();  // on the writer's thread
  void probe_if_due() const;

  const std::function<Time()> clock_;
  const std::uint64_t size_limit_;
  const Disk disk_;
  const std::string site_key_;
  Keys keys_;  // the writer's, once it runs; so are the next three
  SpareFiles spare_;
  Time looked_ = 0;
  std::int64_t nudged_ = 0;
  mutable Health health_;
  mutable std::mutex mutex_;  // held for moments, never while the disk works
  Index index_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Writer> reader_;  // reading a large copy must not keep others from their flush
};

}  // namespace privet::spool

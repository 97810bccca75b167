#include "proxy/net/resolver.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstring>
#include <list>
#include <map>
#include <utility>

#include "mime/ascii.h"
#include "proxy/net/loop_impl.h"
#include "proxy/net/stream.h"

namespace privet::net {

// Shared by who waits and by c-ares, which cannot forget a single question: each may be done first.
struct Lookup::Query {
  Deadline deadline = kNever;
  std::coroutine_handle<> awaiter = nullptr;
  int status = ARES_SUCCESS;
  bool done = false;  // c-ares has answered, or nobody waits any more
  std::vector<sockaddr_storage> addresses;
  std::vector<Service> services;
};

// On the heap until the timer's close callback. A channel lives while somebody waits: the next one reads
// resolv.conf anew.
struct Resolver::Impl {
  using Query = Lookup::Query;

  Loop& loop;
  std::string servers;
  uv_timer_t timer{};
  ares_channel channel = nullptr;
  std::list<std::shared_ptr<Query>> waiting;
  std::map<ares_socket_t, uv_poll_t*> sockets;

  int open_channel();
  void watch(ares_socket_t socket, int events);
  void process(ares_socket_t readable, ares_socket_t writable);
  void settle();
  void end(const std::shared_ptr<Query>& query, int status);
};

namespace {

using Query = Lookup::Query;

// One reference for c-ares, given back in the callback, which always comes.
void* lend(const std::shared_ptr<Query>& query) {
  return new std::shared_ptr<Query>(query);
}

std::shared_ptr<Query> take_back(void* lent) {
  const std::unique_ptr<std::shared_ptr<Query>> owner(static_cast<std::shared_ptr<Query>*>(lent));
  return std::move(*owner);
}

void on_addresses(void* lent, int status, int, ares_addrinfo* found) {
  const std::shared_ptr<Query> query = take_back(lent);
  if (!query->done) {
    query->status = status;
    for (const auto* node = found ? found->nodes : nullptr; node; node = node->ai_next)
      std::memcpy(&query->addresses.emplace_back(), node->ai_addr, node->ai_addrlen);
    query->done = true;
  }
  if (found != nullptr) ares_freeaddrinfo(found);
}

void on_services(void* lent, int status, int, unsigned char* answer, int size) {
  const std::shared_ptr<Query> query = take_back(lent);
  if (query->done) return;
  ares_srv_reply* records = nullptr;
  if (status == ARES_SUCCESS) status = ares_parse_srv_reply(answer, size, &records);
  for (const ares_srv_reply* each = records; each; each = each->next)
    query->services.push_back({mime::to_lower(each->host), each->port, each->priority, each->weight});
  if (records != nullptr) ares_free_data(records);
  query->status = status;
  query->done = true;
}

[[noreturn]] void fail(int status, const std::string& name, const char* missing) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_ENONAME:
    case ARES_EBADNAME:
      throw StreamError(StreamFault::Connect, missing + name);
    case ARES_ETIMEOUT:
    case ARES_ECONNREFUSED:
      throw StreamError(StreamFault::TimedOut, "the name servers do not answer, asked for " + name);
    case ARES_ECANCELLED:
      throw StreamError(StreamFault::Closed, "ended from this side");
    default:
      throw StreamError(StreamFault::Connect,
                        "the name servers cannot tell of " + name + ": " + ares_strerror(status));
  }
}

// Awaitable: until the question is answered.
struct Answer {
  Query& query;
  bool await_ready() const { return query.done; }
  void await_suspend(std::coroutine_handle<> awaiter) { query.awaiter = awaiter; }
  void await_resume() const {}
};

}  // namespace

int Resolver::Impl::open_channel() {
  static const int kLibrary = ares_library_init(ARES_LIB_INIT_ALL);
  if (channel != nullptr || kLibrary != ARES_SUCCESS) return kLibrary;
  ares_options options{};
  options.timeout = static_cast<int>(std::chrono::milliseconds(limits::kResolveTry).count());
  options.tries = limits::kResolveTries;
  char files_first[] = "fb";
  options.lookups = files_first;
  options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<Impl*>(self)->watch(socket, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0));
  };
  options.sock_state_cb_data = this;
  const int status = ares_init_options(
      &channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
  if (status != ARES_SUCCESS) {
    channel = nullptr;
    return status;
  }
  return servers.empty() ? ARES_SUCCESS : ares_set_servers_ports_csv(channel, servers.c_str());
}

void Resolver::Impl::watch(ares_socket_t socket, int events) {
  const auto found = sockets.find(socket);
  uv_poll_t* poll = found == sockets.end() ? nullptr : found->second;
  if (events == 0) {
    if (poll == nullptr) return;
    sockets.erase(found);
    uv_close(reinterpret_cast<uv_handle_t*>(poll),
             [](uv_handle_t* closed) { delete reinterpret_cast<uv_poll_t*>(closed); });
    return;
  }
  if (poll == nullptr) {
    poll = sockets[socket] = new uv_poll_t;
    uv_poll_init(&loop.impl().uv, poll, socket);
    poll->data = this;
  }
  uv_poll_start(poll, events, [](uv_poll_t* handle, int, int ready) {
    uv_os_fd_t ours = -1;
    uv_fileno(reinterpret_cast<uv_handle_t*>(handle), &ours);
    // On an error both are said to be ready: c-ares finds it.
    static_cast<Impl*>(handle->data)
        ->process((ready & UV_WRITABLE) && !(ready & UV_READABLE) ? ARES_SOCKET_BAD : ours,
                  (ready & UV_READABLE) && !(ready & UV_WRITABLE) ? ARES_SOCKET_BAD : ours);
  });
}

void Resolver::Impl::process(ares_socket_t readable, ares_socket_t writable) {
  if (channel != nullptr) ares_process_fd(channel, readable, writable);
  settle();
}

// After everything that c-ares may have answered in. Nothing of this is touched once a waiter runs: it may
// ask anew, and come here again.
void Resolver::Impl::settle() {
  std::vector<std::shared_ptr<Query>> finished;
  Deadline next = kNever;
  for (auto each = waiting.begin(); each != waiting.end();) {
    Query& query = **each;
    if (!query.done && query.deadline <= loop.now()) {
      query.status = ARES_ETIMEOUT;
      query.done = true;
    }
    if (!query.done) next = std::min(next, query.deadline);
    if (query.done) finished.push_back(std::move(*each));
    each = query.done ? waiting.erase(each) : std::next(each);
  }
  if (waiting.empty() && channel != nullptr) ares_destroy(std::exchange(channel, nullptr));
  if (channel == nullptr) {
    uv_timer_stop(&timer);
  } else {
    timeval time{};
    const bool busy = ares_timeout(channel, nullptr, &time) != nullptr;
    const auto tick =
        static_cast<Deadline>(time.tv_sec) * 1000 + static_cast<Deadline>(time.tv_usec) / 1000 + 1;
    const Deadline left = next > loop.now() ? next - loop.now() : 0;
    uv_timer_start(
        &timer,
        [](uv_timer_t* due) { static_cast<Impl*>(due->data)->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); },
        busy ? std::min(tick, left) : left, 0);
  }
  for (const std::shared_ptr<Query>& query : finished) {
    if (query->awaiter) std::exchange(query->awaiter, nullptr).resume();
  }
}

void Resolver::Impl::end(const std::shared_ptr<Query>& query, int status) {
  if (query->done) return;
  query->status = status;
  query->done = true;
  settle();
}

Resolver::Resolver(Loop& loop, std::string servers)
    : impl_(new Impl{.loop = loop, .servers = std::move(servers)}) {
  uv_timer_init(&loop.impl().uv, &impl_->timer);
  impl_->timer.data = impl_;
}

Resolver::~Resolver() {
  if (impl_->channel != nullptr) ares_destroy(std::exchange(impl_->channel, nullptr));
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->timer),
           [](uv_handle_t* timer) { delete static_cast<Impl*>(timer->data); });
}

Resolver& Resolver::of(Loop& loop) {
  auto& own = loop.impl().resolver;
  if (!own) own = std::make_unique<Resolver>(loop);
  return *own;
}

Lookup::Lookup(Resolver& resolver) : resolver_(resolver.impl_) {}

Lookup::~Lookup() = default;

Task<std::vector<sockaddr_storage>> Lookup::addresses(std::string host, std::uint16_t port,
                                                      Deadline deadline) {
  sockaddr_storage literal{};
  if (uv_ip4_addr(host.c_str(), port, reinterpret_cast<sockaddr_in*>(&literal)) == 0 ||
      uv_ip6_addr(host.c_str(), port, reinterpret_cast<sockaddr_in6*>(&literal)) == 0) {
    co_return std::vector{literal};
  }
  query_ = std::make_shared<Query>(deadline);
  const std::shared_ptr<Query> query = query_;
  query->status = resolver_->open_channel();
  if (query->status != ARES_SUCCESS) fail(query->status, host, "");
  resolver_->waiting.push_back(query);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NUMERICSERV;
  ares_getaddrinfo(resolver_->channel, host.c_str(), std::to_string(port).c_str(), &hints, on_addresses,
                   lend(query));
  resolver_->settle();
  co_await Answer{*query};
  if (query->status != ARES_SUCCESS) fail(query->status, host, "no such host ");
  if (query->addresses.empty()) fail(ARES_ENODATA, host, "no address of ");
  co_return std::move(query->addresses);
}

Task<std::vector<Service>> Lookup::services(std::string name, Deadline deadline) {
  query_ = std::make_shared<Query>(deadline);
  const std::shared_ptr<Query> query = query_;
  query->status = resolver_->open_channel();
  if (query->status != ARES_SUCCESS) fail(query->status, name, "");
  resolver_->waiting.push_back(query);
  ares_query(resolver_->channel, name.c_str(), ns_c_in, ns_t_srv, on_services, lend(query));
  resolver_->settle();
  co_await Answer{*query};
  if (query->status != ARES_SUCCESS) fail(query->status, name, "no SRV record ");
  std::erase_if(query->services,
                [](const Service& each) { return each.target.empty() || each.target == "."; });
  if (query->services.empty()) fail(ARES_ENODATA, name, "the SRV record says that there is no service ");
  std::mt19937 chance(std::random_device{}());
  co_return in_order(std::move(query->services), chance);
}

void Lookup::cancel() {
  if (query_) resolver_->end(query_, ARES_ECANCELLED);
}

std::vector<Service> in_order(std::vector<Service> services, std::mt19937& chance) {
  // RFC 2782: those without weight first, so that they have a small chance where the others' sum is drawn.
  std::ranges::sort(services, {},
                    [](const Service& each) { return std::pair{each.priority, each.weight != 0}; });
  for (auto first = services.begin(); first != services.end(); ++first) {
    const auto last = std::ranges::find_if(
        first, services.end(), [&](const Service& each) { return each.priority != first->priority; });
    unsigned sum = 0;
    for (auto each = first; each != last; ++each) sum += each->weight;
    unsigned drawn = std::uniform_int_distribution<unsigned>(0, sum)(chance);
    auto chosen = first;
    while (chosen->weight < drawn) drawn -= chosen++->weight;
    std::rotate(first, chosen, std::next(chosen));
  }
  return services;
}

}  // namespace privet::net

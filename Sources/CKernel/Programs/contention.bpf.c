// Waits for the kernel's spinning locks, summed by the stack that waited (tracepoints of
// include/trace/events/lock.h, since 5.19), of the whole host.
#include "tracing.h"

/// LCB_F_SPIN. Of two stacks whose hashes share one of STACKS places the later is lost; a benchmark
/// has some hundred.
enum { SPIN = 1, STACKS = 65536, STACK_DEPTH = 32 };

/// Keyed by lock and CPU: who spins stays where it is, and waits for a lock once at a time.
struct waiter {
  u64 lock, cpu;
};
struct wait {
  u64 since, stack;
};
MAP(waits, HASH, sizeof(struct waiter), sizeof(struct wait), 8192);

/// Return addresses by a stack's number.
MAP(stacks, STACK_TRACE, sizeof(u32), STACK_DEPTH * sizeof(u64), STACKS);

struct sum {
  u64 nanoseconds, count;
};
/// By a stack's number; a lost one has that of its errno, negative.
MAP(sums, HASH, sizeof(u32), sizeof(struct sum), STACKS + 1);

/// A TCP port that was listened on since tracing began, by its network namespace.
struct port {
  u64 net, number;
};
/// Its struct sock.
MAP(listeners, HASH, sizeof(struct port), sizeof(u64), 4096);
/// By the process that listens.
MAP(servers, HASH, sizeof(u64), sizeof(u64), 4096);

/// Locks of listeners: the socket's own, its accept queue's, that of those who sleep on it.
enum { SOCKET, QUEUE, SLEEPERS };
struct lock {
  u64 listener, kind;
};
MAP(locks, HASH, sizeof(u64), sizeof(struct lock), 16384);

/// Counts by listener, by 2^27 ns of time, and by what is counted: a kind of lock, a CPU, or a stack.
enum { SLOT = 27 };
struct count {
  u64 listener;
  u32 of, slot;
};
/// Acquisitions that found a lock taken and began to spin.
MAP(found, HASH, sizeof(struct count), sizeof(u64), 16384);
/// Connections that joined the accept queue.
MAP(added, HASH, sizeof(struct count), sizeof(u64), 65536);
/// Uninterruptible sleeps of the server, those for a socket's lock among them.
MAP(slept, HASH, sizeof(struct count), sizeof(u64), 16384);

INLINE void add(const struct map *map, u64 listener, u32 of) {
  struct count count = {.listener = listener, .of = of, .slot = now() >> SLOT};
  u64 *value = lookup(map, &count);
  if (value) {
    __sync_fetch_and_add(value, 1);
  } else {
    u64 first = 1;
    update(map, &count, &first, ANY);
  }
}

FIELD(sock_net, "sock.__sk_common.skc_net.net");
FIELD(sock_port, "sock.__sk_common.skc_num");
FIELD(sock_lock, "sock.sk_lock");
FIELD(sock_sleepers, "sock.sk_wq");
FIELD(sock_queue, "inet_connection_sock.icsk_accept_queue");
enum { ESTABLISHED = 1, SYN_RECEIVED = 3, LISTEN = 10 };

INLINE void remember(u64 listener, u64 address, u64 kind) {
  struct lock lock = {.listener = listener, .kind = kind};
  update(&locks, &address, &lock, ANY);
}

/// A child is established once it has joined the queue, on the same CPU (tcp_child_process in
/// net/ipv4/tcp_minisocks.c).
TRACEPOINT(inet_sock_set_state) {
  u64 socket = x[0];
  if (x[2] != LISTEN && (x[1] != SYN_RECEIVED || x[2] != ESTABLISHED))
    return 0;
  struct port port = {
      .net = READ(u64, socket + OFFSET(sock_net)),
      .number = READ(u16, socket + OFFSET(sock_port))};
  if (x[2] != LISTEN) {
    u64 *listener = lookup(&listeners, &port);
    if (listener)
      add(&added, *listener, this_cpu());
    return 0;
  }
  u64 server = this_process() >> 32;
  update(&listeners, &port, &socket, ANY);
  update(&servers, &server, &socket, ANY);
  // Each of these structures begins with its lock.
  remember(socket, socket + OFFSET(sock_lock), SOCKET);
  remember(socket, socket + OFFSET(sock_queue), QUEUE);
  remember(socket, READ(u64, socket + OFFSET(sock_sleepers)), SLEEPERS);
  return 0;
}

/// Who finds a socket owned by another process sleeps uninterruptibly (__lock_sock in
/// net/core/sock.c); the fourth argument is the state that a task leaves in.
enum { UNINTERRUPTIBLE = 2 };
TRACEPOINT(sched_switch) {
  if (x[3] != UNINTERRUPTIBLE)
    return 0;
  u64 server = this_process() >> 32;
  u64 *listener = lookup(&servers, &server);
  if (listener)
    add(&slept, *listener, this_stack(x, &stacks, 0));
  return 0;
}

TRACEPOINT(contention_begin) {
  if (!(x[1] & SPIN))
    return 0;
  struct waiter waiter = {.lock = x[0], .cpu = this_cpu()};
  struct lock *lock = lookup(&locks, &waiter.lock);
  if (lock)
    add(&found, lock->listener, lock->kind);
  struct wait wait = {.since = now(), .stack = this_stack(x, &stacks, 0)};
  update(&waits, &waiter, &wait, ANY);
  return 0;
}

TRACEPOINT(contention_end) {
  struct waiter waiter = {.lock = x[0], .cpu = this_cpu()};
  struct wait *wait = lookup(&waits, &waiter);
  if (!wait)
    return 0;
  u32 stack = wait->stack;
  u64 time = now() - wait->since;
  struct sum *sum = lookup(&sums, &stack);
  if (sum) {
    __sync_fetch_and_add(&sum->nanoseconds, time);
    __sync_fetch_and_add(&sum->count, 1);
  } else {
    struct sum first = {.nanoseconds = time, .count = 1};
    update(&sums, &stack, &first, ANY);
  }
  forget(&waits, &waiter);
  return 0;
}

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

TRACEPOINT(contention_begin) {
  if (!(x[1] & SPIN))
    return 0;
  struct waiter waiter = {.lock = x[0], .cpu = this_cpu()};
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

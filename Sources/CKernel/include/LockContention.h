#ifndef RXTUNE_LOCK_CONTENTION_H
#define RXTUNE_LOCK_CONTENTION_H

#include <stdint.h>

enum { RXTUNE_STACK_DEPTH = 32 };

/// Waits for the kernel's spinning locks, summed by the stack that waited: extended BPF on the raw
/// tracepoints contention_begin and contention_end (Linux 5.19), of the whole host.
typedef struct rxtune_contention {
  /// Maps: waits under way; stacks; sums by stack.
  int waits, stacks, sums;
  int begin, end;
} rxtune_contention;

/// What one stack waited.
typedef struct rxtune_contention_sum {
  uint64_t nanoseconds, count;
  /// Return addresses, the innermost first, 0 after the last; all 0 where the stack was lost.
  uint64_t stack[RXTUNE_STACK_DEPTH];
} rxtune_contention_sum;

/// Starts to trace. 0, or the errno (EPERM without CAP_BPF and CAP_PERFMON).
int rxtune_contention_open(rxtune_contention *trace);
void rxtune_contention_close(rxtune_contention *trace);

/// The sum that follows the one of `key`; begins with *key == UINT32_MAX. 0, or ENOENT at the end.
int rxtune_contention_next(const rxtune_contention *trace, uint32_t *key,
                           rxtune_contention_sum *sum);

#endif

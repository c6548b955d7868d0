#ifndef RXTUNE_PERF_H
#define RXTUNE_PERF_H

#include <stddef.h>
#include <stdint.h>

/// A ring that the kernel puts records into (perf_event_open(2)), mapped: data between the tail,
/// which is ours, and the head, both in bytes since the beginning.
typedef struct rxtune_perf_ring {
  uint64_t *head, *tail;
  const uint64_t *data;
  /// Bytes, a power of two.
  size_t size;
  void *map;
  size_t mapped;
} rxtune_perf_ring;

/// Samples what a CPU does, so many times a second of its time, idle or not: cpu-clock, which needs
/// no counter of the hardware. Each sample has the instruction, process and thread, CPU, and the
/// calls within the kernel. It starts disabled. A descriptor, or the errno below 0.
int rxtune_perf_sample(int cpu, uint64_t frequency);
/// Size in bytes, a power of two of at least a page. 0, or the errno.
int rxtune_perf_open_ring(int descriptor, size_t size, rxtune_perf_ring *ring);
void rxtune_perf_close_ring(rxtune_perf_ring *ring);
/// 0, or the errno.
int rxtune_perf_enable(int descriptor, int on);

static inline uint64_t rxtune_perf_head(const rxtune_perf_ring *ring) {
  return __atomic_load_n(ring->head, __ATOMIC_ACQUIRE);
}
static inline void rxtune_perf_release(const rxtune_perf_ring *ring, uint64_t tail) {
  __atomic_store_n(ring->tail, tail, __ATOMIC_RELEASE);
}

#endif

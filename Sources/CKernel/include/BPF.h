#ifndef RXTUNE_BPF_H
#define RXTUNE_BPF_H

#include <stddef.h>
#include <stdint.h>

// bpf(2), a function a command that rxtune uses: the attributes are a union of unions, which does
// not import into Swift. Each returns a descriptor or 0, or the errno below 0.

int rxtune_bpf_make_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries);
/// enum bpf_prog_type.
enum { RXTUNE_BPF_XDP = 6, RXTUNE_BPF_RAW_TRACEPOINT = 17 };
/// The verifier's words go to `log`.
int rxtune_bpf_load(uint32_t type, const uint64_t *code, uint32_t count, char *log,
                    uint32_t log_size);
int rxtune_bpf_attach(const char *tracepoint, int program);
/// To a device, in its driver or before its packets enter the stack (XDP_FLAGS_SKB_MODE), for as
/// long as the descriptor is open.
int rxtune_bpf_attach_xdp(int ifindex, int program, int generic);

int rxtune_bpf_look_up(int map, const void *key, void *value);
int rxtune_bpf_update(int map, const void *key, const void *value);
/// The key behind `key`, or the first where that is null; -ENOENT behind the last.
int rxtune_bpf_next_key(int map, const void *key, void *next);

/// Counts the time of all programs while the descriptor is open (BPF_ENABLE_STATS, since 5.8).
int rxtune_bpf_enable_statistics(void);
/// Nanoseconds and runs of a program, as counted so far.
int rxtune_bpf_statistics(int program, uint64_t *nanoseconds, uint64_t *runs);

/// A map of BPF_MAP_TYPE_RINGBUF, mapped: records that programs put lie between the consumer's
/// position and the producer's, which count bytes (kernel/bpf/ringbuf.c).
typedef struct rxtune_bpf_ring {
  uint64_t *consumer;
  uint64_t *producer;
  /// Mapped twice in a row, so that a record never breaks off at the end.
  const uint8_t *data;
  /// A power of two.
  size_t size, page;
} rxtune_bpf_ring;

int rxtune_bpf_open_ring(int map, size_t size, rxtune_bpf_ring *ring);
void rxtune_bpf_close_ring(rxtune_bpf_ring *ring);

static inline uint64_t rxtune_bpf_ring_end(const rxtune_bpf_ring *ring) {
  return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}
/// A record's header: its length and, in the two highest bits, busy and discarded.
static inline uint32_t rxtune_bpf_ring_header(const rxtune_bpf_ring *ring, uint64_t position) {
  return __atomic_load_n((const uint32_t *)(ring->data + (position & (ring->size - 1))),
                         __ATOMIC_ACQUIRE);
}
static inline void rxtune_bpf_ring_release(const rxtune_bpf_ring *ring, uint64_t position) {
  __atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
}

#endif

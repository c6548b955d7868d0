#ifndef RXTUNE_URING_H
#define RXTUNE_URING_H

#include <linux/io_uring.h>
#include <stdint.h>

/// IOSQE_* that Swift cannot import: shifts of an enum's members.
enum {
  RXTUNE_IOSQE_IO_LINK = IOSQE_IO_LINK,
  RXTUNE_IOSQE_CQE_SKIP_SUCCESS = IOSQE_CQE_SKIP_SUCCESS,
};

/// An io_uring by its raw system calls: the shared rings as mapped, and our side of their indices.
typedef struct rxtune_uring {
  int descriptor;
  uint32_t *sq_head, *sq_tail, sq_mask, sq_size;
  uint32_t *cq_head, *cq_tail, cq_mask;
  struct io_uring_sqe *entries;
  struct io_uring_cqe *completions;
  /// Entries filled, of which the kernel has been told up to *sq_tail.
  uint32_t filled;
  void *ring, *entry_map;
  uint64_t ring_size, entry_size;
} rxtune_uring;

/// A ring for one thread alone (IORING_SETUP_SINGLE_ISSUER | DEFER_TASKRUN, Linux 6.1), the one
/// that enables it; completions in twice `entries`. 0, or the errno.
int rxtune_uring_open(rxtune_uring *ring, unsigned entries);

/// Gives the ring to the calling thread. 0, or the errno.
int rxtune_uring_enable(const rxtune_uring *ring);
void rxtune_uring_close(rxtune_uring *ring);

/// io_uring_enter(2): submits what was filled and waits for `wait` completions. The number
/// submitted, or minus the errno.
int rxtune_uring_submit(rxtune_uring *ring, unsigned wait);

/// The next free submission entry, zeroed; null where the ring is full: submit first.
static inline struct io_uring_sqe *rxtune_uring_entry(rxtune_uring *ring) {
  uint32_t head = __atomic_load_n(ring->sq_head, __ATOMIC_ACQUIRE);
  if (ring->filled - head >= ring->sq_size)
    return 0;
  struct io_uring_sqe *entry = &ring->entries[ring->filled++ & ring->sq_mask];
  __builtin_memset(entry, 0, sizeof *entry);
  return entry;
}

/// The first completion not yet taken, or null.
static inline const struct io_uring_cqe *rxtune_uring_peek(const rxtune_uring *ring) {
  uint32_t head = *ring->cq_head;
  if (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE))
    return 0;
  return &ring->completions[head & ring->cq_mask];
}

static inline void rxtune_uring_take(rxtune_uring *ring) {
  __atomic_store_n(ring->cq_head, *ring->cq_head + 1, __ATOMIC_RELEASE);
}

#endif

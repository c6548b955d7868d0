#define _GNU_SOURCE
#include "Uring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *map(int descriptor, uint64_t size, uint64_t offset) {
  return mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor,
              (off_t)offset);
}

int rxtune_uring_open(rxtune_uring *ring, unsigned entries) {
  memset(ring, 0, sizeof *ring);
  struct io_uring_params parameters = {
      .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CLAMP |
               IORING_SETUP_R_DISABLED,
  };
  int descriptor = (int)syscall(SYS_io_uring_setup, entries, &parameters);
  if (descriptor < 0)
    return errno;
  ring->descriptor = descriptor;
  uint64_t submission = parameters.sq_off.array + parameters.sq_entries * sizeof(uint32_t);
  uint64_t completion =
      parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe);
  // Since 5.4 both rings lie in one mapping (IORING_FEAT_SINGLE_MMAP).
  ring->ring_size = submission > completion ? submission : completion;
  ring->entry_size = parameters.sq_entries * sizeof(struct io_uring_sqe);
  ring->ring = map(descriptor, ring->ring_size, IORING_OFF_SQ_RING);
  ring->entry_map = map(descriptor, ring->entry_size, IORING_OFF_SQES);
  if (ring->ring == MAP_FAILED || ring->entry_map == MAP_FAILED) {
    int code = errno;
    rxtune_uring_close(ring);
    return code;
  }
  char *base = ring->ring;
  ring->sq_head = (uint32_t *)(base + parameters.sq_off.head);
  ring->sq_tail = (uint32_t *)(base + parameters.sq_off.tail);
  ring->sq_mask = *(uint32_t *)(base + parameters.sq_off.ring_mask);
  ring->sq_size = parameters.sq_entries;
  ring->cq_head = (uint32_t *)(base + parameters.cq_off.head);
  ring->cq_tail = (uint32_t *)(base + parameters.cq_off.tail);
  ring->cq_mask = *(uint32_t *)(base + parameters.cq_off.ring_mask);
  ring->completions = (struct io_uring_cqe *)(base + parameters.cq_off.cqes);
  ring->entries = ring->entry_map;
  uint32_t *array = (uint32_t *)(base + parameters.sq_off.array);
  for (uint32_t i = 0; i < parameters.sq_entries; i++)
    array[i] = i;
  return 0;
}

int rxtune_uring_enable(const rxtune_uring *ring) {
  return syscall(SYS_io_uring_register, ring->descriptor, IORING_REGISTER_ENABLE_RINGS, NULL, 0) == 0
             ? 0
             : errno;
}

void rxtune_uring_close(rxtune_uring *ring) {
  if (ring->ring && ring->ring != MAP_FAILED)
    munmap(ring->ring, ring->ring_size);
  if (ring->entry_map && ring->entry_map != MAP_FAILED)
    munmap(ring->entry_map, ring->entry_size);
  if (ring->descriptor > 0)
    close(ring->descriptor);
  memset(ring, 0, sizeof *ring);
}

int rxtune_uring_submit(rxtune_uring *ring, unsigned wait) {
  uint32_t told = *ring->sq_tail;
  uint32_t count = ring->filled - told;
  __atomic_store_n(ring->sq_tail, ring->filled, __ATOMIC_RELEASE);
  // Taken entries are counted from the head: what an interrupted call left is submitted again.
  uint32_t pending = ring->filled - __atomic_load_n(ring->sq_head, __ATOMIC_ACQUIRE);
  if (pending > count)
    count = pending;
  long done = syscall(SYS_io_uring_enter, ring->descriptor, count, wait,
                      IORING_ENTER_GETEVENTS, NULL, 0);
  return done >= 0 ? (int)done : -errno;
}

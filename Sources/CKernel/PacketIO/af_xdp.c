// AF_XDP (networking/af_xdp.rst): a socket for one queue of a device, and memory of its own for
// packets, half of it to receive into and half to send from.
#define _GNU_SOURCE
#include "../include/PacketIO.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/// Options that Debian's libc headers hide (asm-generic/socket.h; since 5.11).
enum { BUSY_POLL = 46, PREFER_BUSY_POLL = 69, BUSY_POLL_BUDGET = 70 };

/// A ring shared with the kernel. One side alone moves each position.
struct ring {
  uint32_t *producer, *consumer, *flags;
  void *entries;
  /// As last read or written here.
  uint32_t produced, consumed;
  uint32_t mask;
  void *memory;
  size_t size;
};

struct xdp_port {
  rxtune_packet_port port;
  struct ring receive, transmit, fill, completion;
  uint8_t *memory;
  size_t size;
  uint32_t frame;
  uint8_t is_busy, zero_copy;
  /// Frames to send from that are free.
  uint32_t *free;
  uint32_t free_count;
};

static struct xdp_port *xdp(rxtune_packet_port *port) { return (struct xdp_port *)port; }

static int map_ring(struct xdp_port *p, struct ring *ring, const struct xdp_ring_offset *offset,
                    uint64_t page, uint32_t count, size_t entry) {
  size_t size = offset->desc + count * entry;
  uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                         p->port.descriptor, (off_t)page);
  if (memory == MAP_FAILED)
    return -1;
  *ring = (struct ring){
      .producer = (uint32_t *)(memory + offset->producer),
      .consumer = (uint32_t *)(memory + offset->consumer),
      .flags = (uint32_t *)(memory + offset->flags),
      .entries = memory + offset->desc,
      .mask = count - 1,
      .memory = memory,
      .size = size,
  };
  return 0;
}

static void unmap_ring(struct ring *ring) {
  if (ring->memory)
    munmap(ring->memory, ring->size);
}

static int needs_wake_up(const struct ring *ring) {
  return __atomic_load_n(ring->flags, __ATOMIC_RELAXED) & XDP_RING_NEED_WAKEUP;
}

static void close_port(rxtune_packet_port *port) {
  struct xdp_port *p = xdp(port);
  if (port->descriptor >= 0)
    close(port->descriptor);
  unmap_ring(&p->receive);
  unmap_ring(&p->transmit);
  unmap_ring(&p->fill);
  unmap_ring(&p->completion);
  if (p->memory)
    munmap(p->memory, p->size);
  free(p->free);
  free(p);
}

/// The queue of a socket that was just closed is free a moment later.
static int bind_patiently(int descriptor, const struct sockaddr_xdp *address) {
  for (int tries = 0; tries < 50; tries++) {
    if (bind(descriptor, (const struct sockaddr *)address, sizeof *address) == 0)
      return 0;
    if (errno != EBUSY)
      return -1;
    usleep(10000);
  }
  return -1;
}

static const char *set_up(struct xdp_port *p, const rxtune_packet_setup *setup) {
  const uint32_t half = setup->frames / 2;
  p->size = (size_t)setup->frames * setup->frame;
  p->frame = setup->frame;
  p->is_busy = setup->is_busy;
  p->port.descriptor = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (p->port.descriptor < 0)
    return "open an AF_XDP socket";
  const int descriptor = p->port.descriptor;
  void *memory = mmap(NULL, p->size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED)
    return "map packet memory";
  p->memory = memory;
  p->free = calloc(half, sizeof *p->free);
  if (!p->free)
    return "allocate";
  // Of a process without CAP_IPC_LOCK, it counts as locked.
  struct rlimit locked;
  if (getrlimit(RLIMIT_MEMLOCK, &locked) == 0 && locked.rlim_cur < locked.rlim_max) {
    locked.rlim_cur = locked.rlim_max;
    setrlimit(RLIMIT_MEMLOCK, &locked);
  }
  struct xdp_umem_reg umem = {
      .addr = (uint64_t)(uintptr_t)memory, .len = p->size, .chunk_size = setup->frame};
  if (setsockopt(descriptor, SOL_XDP, XDP_UMEM_REG, &umem, sizeof umem) != 0)
    return "register packet memory (XDP_UMEM_REG)";
  static const int rings[] = {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING,
                              XDP_TX_RING};
  for (unsigned i = 0; i < sizeof rings / sizeof *rings; i++)
    if (setsockopt(descriptor, SOL_XDP, rings[i], &half, sizeof half) != 0)
      return "make AF_XDP rings";
  struct xdp_mmap_offsets offsets;
  socklen_t length = sizeof offsets;
  if (getsockopt(descriptor, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &length) != 0)
    return "ask where AF_XDP rings lie";
  const size_t descriptor_size = sizeof(struct xdp_desc), address_size = sizeof(uint64_t);
  if (map_ring(p, &p->receive, &offsets.rx, XDP_PGOFF_RX_RING, half, descriptor_size) ||
      map_ring(p, &p->transmit, &offsets.tx, XDP_PGOFF_TX_RING, half, descriptor_size) ||
      map_ring(p, &p->fill, &offsets.fr, XDP_UMEM_PGOFF_FILL_RING, half, address_size) ||
      map_ring(p, &p->completion, &offsets.cr, XDP_UMEM_PGOFF_COMPLETION_RING, half, address_size))
    return "map AF_XDP rings";
  for (uint32_t i = 0; i < half; i++) {
    ((uint64_t *)p->fill.entries)[i] = (uint64_t)i * setup->frame;
    p->free[p->free_count++] = (half + i) * setup->frame;
  }
  p->fill.produced = half;
  __atomic_store_n(p->fill.producer, half, __ATOMIC_RELEASE);
  if (setup->is_busy) {
    const int prefer = 1, microseconds = 20, budget = 64;
    setsockopt(descriptor, SOL_SOCKET, PREFER_BUSY_POLL, &prefer, sizeof prefer);
    setsockopt(descriptor, SOL_SOCKET, BUSY_POLL, &microseconds, sizeof microseconds);
    setsockopt(descriptor, SOL_SOCKET, BUSY_POLL_BUDGET, &budget, sizeof budget);
  }
  struct sockaddr_xdp address = {
      .sxdp_family = AF_XDP,
      .sxdp_flags = (setup->zero_copy ? XDP_ZEROCOPY : XDP_COPY) | XDP_USE_NEED_WAKEUP,
      .sxdp_ifindex = (uint32_t)setup->ifindex,
      .sxdp_queue_id = setup->queue,
  };
  if (bind_patiently(descriptor, &address) != 0)
    return "bind an AF_XDP socket";
  p->zero_copy = (uint8_t)rxtune_af_xdp_is_zero_copy(&p->port);
  return NULL;
}

static int open_port(rxtune_packet_setup *setup, rxtune_packet_port **port, const char **step) {
  struct xdp_port *p = calloc(1, sizeof *p);
  if (!p) {
    *step = "allocate";
    return ENOMEM;
  }
  p->port.io = &rxtune_af_xdp;
  *step = set_up(p, setup);
  if (*step) {
    int code = errno;
    close_port(&p->port);
    return code;
  }
  *port = &p->port;
  return 0;
}

static void note(rxtune_packet_port *port, int code) {
  if (code == ENETDOWN || code == ENXIO || code == ENODEV)
    port->error = code;
}

/// In busy polling, this call is what runs the device's NAPI.
static void poll_device(rxtune_packet_port *port) {
  port->calls++;
  if (recvfrom(port->descriptor, NULL, 0, MSG_DONTWAIT, NULL, NULL) < 0)
    note(port, errno);
}

static uint32_t receive(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct xdp_port *p = xdp(port);
  struct ring *r = &p->receive;
  if (r->produced == r->consumed)
    r->produced = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
  uint32_t ready = r->produced - r->consumed;
  if (ready == 0) {
    if (p->is_busy)
      poll_device(port);
    return 0;
  }
  if (ready > count)
    ready = count;
  const struct xdp_desc *all = r->entries;
  for (uint32_t i = 0; i < ready; i++) {
    const struct xdp_desc *d = &all[(r->consumed + i) & r->mask];
    packets[i] = (rxtune_packet){p->memory + d->addr, d->len, (uint32_t)d->addr};
  }
  r->consumed += ready;
  __atomic_store_n(r->consumer, r->consumed, __ATOMIC_RELEASE);
  return ready;
}

static void release(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  struct xdp_port *p = xdp(port);
  struct ring *r = &p->fill;
  uint64_t *all = r->entries;
  for (uint32_t i = 0; i < count; i++)
    all[r->produced++ & r->mask] = packets[i].place & ~(p->frame - 1);
  __atomic_store_n(r->producer, r->produced, __ATOMIC_RELEASE);
  // A driver that works without copies ran out of memory, and will not look by itself.
  if (needs_wake_up(r) && p->zero_copy)
    poll_device(port);
}

/// Frames that have been sent are free again.
static void reclaim(struct xdp_port *p) {
  struct ring *r = &p->completion;
  uint32_t produced = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
  if (produced == r->consumed)
    return;
  const uint64_t *all = r->entries;
  while (r->consumed != produced)
    p->free[p->free_count++] = (uint32_t)all[r->consumed++ & r->mask] & ~(p->frame - 1);
  __atomic_store_n(r->consumer, r->consumed, __ATOMIC_RELEASE);
}

static uint32_t reserve(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct xdp_port *p = xdp(port);
  if (p->free_count < count)
    reclaim(p);
  if (p->free_count < count)
    count = p->free_count;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t place = p->free[p->free_count - 1 - i];
    packets[i] = (rxtune_packet){p->memory + place, p->frame, place};
  }
  return count;
}

static void commit(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  struct xdp_port *p = xdp(port);
  struct ring *r = &p->transmit;
  struct xdp_desc *all = r->entries;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t place = p->free[--p->free_count];
    all[r->produced++ & r->mask] = (struct xdp_desc){.addr = place, .len = packets[i].length};
  }
}

static void flush(rxtune_packet_port *port) {
  struct xdp_port *p = xdp(port);
  struct ring *r = &p->transmit;
  if (*r->producer != r->produced)
    __atomic_store_n(r->producer, r->produced, __ATOMIC_RELEASE);
  uint32_t consumed = __atomic_load_n(r->consumer, __ATOMIC_ACQUIRE);
  // In copy mode the kernel sends a few frames for each call (32); a driver without copies needs to
  // be told once. What a full device refuses waits for the next burst.
  while (consumed != r->produced) {
    if (p->zero_copy && !needs_wake_up(r))
      break;
    port->calls++;
    if (sendto(port->descriptor, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0) {
      note(port, errno);
      if (port->error)
        break;
    }
    uint32_t now = __atomic_load_n(r->consumer, __ATOMIC_ACQUIRE);
    if (p->zero_copy || now == consumed)
      break;
    consumed = now;
    reclaim(p);
  }
}

static uint64_t dropped(rxtune_packet_port *port) {
  struct xdp_statistics numbers = {0};
  socklen_t length = sizeof numbers;
  if (getsockopt(port->descriptor, SOL_XDP, XDP_STATISTICS, &numbers, &length) != 0)
    return 0;
  return numbers.rx_dropped + numbers.rx_ring_full;
}

int rxtune_af_xdp_is_zero_copy(const rxtune_packet_port *port) {
  struct xdp_options options = {0};
  socklen_t length = sizeof options;
  return getsockopt(port->descriptor, SOL_XDP, XDP_OPTIONS, &options, &length) == 0 &&
         options.flags & XDP_OPTIONS_ZEROCOPY;
}

const rxtune_packet_io rxtune_af_xdp = {
    "af-xdp", open_port, receive, release, reserve, commit, flush, dropped, close_port};

// netmap, where its module is loaded: the rings of a NIC in shared memory, all of them, and those by which
// the host's own stack had it. What is not served goes on to the host, and what the host sends goes out.
// Or a port of a VALE switch, or an end of a pipe: no host's stack is there, and ARP is answered here.
//
// The interface is that of version 14 of its API, by offsets and numbers; no header of it is needed.
#define _GNU_SOURCE
#include "../include/PacketIO.h"
#include "arp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { VERSION = 14, REGISTER = 1, RINGS = 2 * RXTUNE_PACKET_PORTS };
/// How a port is registered: all rings of the NIC and the host's; all rings alone.
enum { NIC_AND_HOST = 3, NIC = 1 };
/// Nobody else may have it; poll(2) sends nothing.
enum { EXCLUSIVE = 0x800, NO_SEND_ON_POLL = 0x20000 };
/// Of a slot: its buffer is another one.
enum { CHANGED = 1 };

struct request {
  uint16_t version, kind;
  uint32_t reserved;
  char name[64];
  uint64_t options, body;
};

struct registration {
  uint64_t offset, size;
  uint32_t send_slots, receive_slots;
  uint16_t send_rings, receive_rings, host_send_rings, host_receive_rings;
  uint16_t memory, ring;
  uint32_t mode, extra, hole;
  uint64_t flags;
};

struct interface {
  char name[16];
  uint32_t version, flags, send_rings, receive_rings, extra, host_send_rings, host_receive_rings;
  uint32_t spare[3];
  /// To send by, the host's among them last, and then to receive by, from the struct's start.
  int64_t rings[];
};

struct slot {
  uint32_t buffer;
  uint16_t length, flags;
  uint64_t pointer;
};

/// The program owns the slots from `head` up to `tail`.
struct ring {
  int64_t buffers;
  uint32_t count, size;
  uint16_t number, direction;
  uint32_t head, current, tail, flags;
  uint8_t rest[256 - 36];
  struct slot slots[];
};

_Static_assert(sizeof(struct request) == 88 && sizeof(struct registration) == 56 &&
                   sizeof(struct interface) == 56 && sizeof(struct ring) == 256,
               "as the module has them");

enum { DO_REGISTER = _IOWR('i', 151, struct request), DO_SEND = _IO('i', 148),
       DO_RECEIVE = _IO('i', 149) };

struct netmap_port {
  rxtune_packet_port port;
  uint8_t *memory;
  size_t size;
  struct ring *send[RINGS], *receive[RINGS];
  /// Of the NIC; the host's follow.
  uint32_t senders, receivers, host_senders, host_receivers;
  /// Of each ring to receive by, the slot to look at next.
  uint32_t next[RINGS];
  /// The ring that was looked at last, and how far the one to send by is filled.
  uint32_t turn, filled;
  /// Has something gone on to the host, or out from it, that no call has told of yet?
  int has_forwarded;
  uint8_t is_busy, protocol;
  /// Of a switch or a pipe, and not a NIC.
  uint8_t is_named;
  uint8_t mac[6];
  uint32_t address;
  uint16_t served;
};

static struct netmap_port *netmap(rxtune_packet_port *port) { return (struct netmap_port *)port; }

static void close_port(rxtune_packet_port *port) {
  struct netmap_port *p = netmap(port);
  if (p->memory)
    munmap(p->memory, p->size);
  if (port->descriptor >= 0)
    close(port->descriptor);
  free(p);
}

static const char *set_up(struct netmap_port *p, const rxtune_packet_setup *setup) {
  struct registration body = {.mode = p->is_named ? NIC : NIC_AND_HOST,
                              .flags = EXCLUSIVE | NO_SEND_ON_POLL};
  struct request request = {
      .version = VERSION, .kind = REGISTER, .body = (uint64_t)(uintptr_t)&body};
  if (p->is_named)
    memcpy(request.name, setup->name, sizeof request.name - 1);
  else if (!if_indextoname((unsigned)setup->ifindex, request.name))
    return "find the device";
  p->port.descriptor = open("/dev/netmap", O_RDWR | O_CLOEXEC);
  if (p->port.descriptor < 0)
    return "open /dev/netmap";
  if (ioctl(p->port.descriptor, DO_REGISTER, &request) != 0)
    return p->is_named ? "register the port with netmap" : "register the device with netmap";
  void *memory = mmap(NULL, body.size, PROT_READ | PROT_WRITE, MAP_SHARED, p->port.descriptor, 0);
  if (memory == MAP_FAILED)
    return "map netmap's memory";
  p->memory = memory;
  p->size = body.size;
  uint8_t *start = p->memory + body.offset;
  const struct interface *interface = (const struct interface *)start;
  p->senders = interface->send_rings;
  p->receivers = interface->receive_rings;
  p->host_senders = p->is_named ? 0 : interface->host_send_rings;
  p->host_receivers = p->is_named ? 0 : interface->host_receive_rings;
  const uint32_t first = interface->send_rings + interface->host_send_rings;
  if (p->senders == 0 || p->receivers == 0 || first > RINGS ||
      interface->receive_rings + interface->host_receive_rings > RINGS) {
    errno = E2BIG;
    return "have so many rings of netmap";
  }
  for (uint32_t i = 0; i < p->senders + p->host_senders; i++)
    p->send[i] = (struct ring *)(start + interface->rings[i]);
  for (uint32_t i = 0; i < p->receivers + p->host_receivers; i++) {
    p->receive[i] = (struct ring *)(start + interface->rings[first + i]);
    p->next[i] = p->receive[i]->head;
  }
  p->filled = p->send[0]->head;
  return NULL;
}

static int open_port(rxtune_packet_setup *setup, rxtune_packet_port **port, const char **step) {
  struct netmap_port *p = calloc(1, sizeof *p);
  if (!p) {
    *step = "allocate";
    return ENOMEM;
  }
  p->port.io = &rxtune_netmap;
  p->port.descriptor = -1;
  p->is_busy = setup->is_busy;
  p->protocol = setup->protocol;
  p->is_named = setup->name[0] != 0;
  memcpy(p->mac, setup->mac, sizeof p->mac);
  p->address = setup->address;
  p->served = htons(setup->port);
  *step = set_up(p, setup);
  if (*step) {
    int code = errno;
    close_port(&p->port);
    return code;
  }
  *port = &p->port;
  return 0;
}

static uint32_t after(const struct ring *ring, uint32_t slot) {
  return slot + 1 == ring->count ? 0 : slot + 1;
}

static uint8_t *buffer(struct ring *ring, uint32_t slot) {
  return (uint8_t *)ring + ring->buffers + (size_t)ring->slots[slot].buffer * ring->size;
}

static void call(rxtune_packet_port *port, unsigned long request) {
  port->calls++;
  if (ioctl(port->descriptor, request, NULL) != 0 && (errno == ENXIO || errno == ENODEV))
    port->error = errno;
}

/// Whole IPv4 packets of the protocol, to the address and port, without IP options.
static int is_ours(const struct netmap_port *p, const uint8_t *frame, uint32_t length) {
  return length >= 42 && frame[12] == 0x08 && frame[13] == 0x00 && frame[14] == 0x45 &&
         !(frame[20] & 0x3f) && !frame[21] && frame[23] == p->protocol &&
         memcmp(frame + 30, &p->address, 4) == 0 && memcmp(frame + 36, &p->served, 2) == 0;
}

/// A request (RFC 826) for the address that is served, where nobody else answers it.
static int asks_for_us(const struct netmap_port *p, const uint8_t *frame, uint32_t length) {
  static const uint8_t head[] = {0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4, 0, 1};
  return p->is_named && length >= RXTUNE_ARP_BYTES && memcmp(frame + 12, head, sizeof head) == 0 &&
         memcmp(frame + 38, &p->address, 4) == 0;
}

/// Makes the answer of it.
static void answer(const struct netmap_port *p, uint8_t *frame) {
  uint8_t asker[6];
  uint32_t address;
  memcpy(asker, frame + 22, sizeof asker);
  memcpy(&address, frame + 28, sizeof address);
  rxtune_arp_answer(frame, p->mac, p->address, asker, address);
}

/// The packet of a slot goes on by another ring, whose free buffer comes back for it. Where that ring is
/// full the packet is lost, as by any queue.
static void forward(struct netmap_port *p, struct slot *from, struct ring *to) {
  if (to->head == to->tail)
    return;
  struct slot *free = &to->slots[to->head];
  const uint32_t buffer = free->buffer;
  free->buffer = from->buffer;
  free->length = from->length;
  free->flags = from->flags = CHANGED;
  from->buffer = buffer;
  to->head = to->current = after(to, to->head);
  p->has_forwarded = 1;
}

/// What the host sends goes out by the NIC. Whatever was reserved there must have been sent before.
static void forward_from_host(struct netmap_port *p) {
  for (uint32_t i = p->receivers; i < p->receivers + p->host_receivers; i++) {
    struct ring *ring = p->receive[i];
    for (; ring->head != ring->tail; ring->head = ring->current = after(ring, ring->head))
      forward(p, &ring->slots[ring->head], p->send[0]);
  }
}

static struct ring *sender(struct netmap_port *p) {
  return p->send[p->turn < p->senders ? p->turn : p->senders - 1];
}

/// Of one ring.
static uint32_t receive(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct netmap_port *p = netmap(port);
  if (p->is_busy)
    call(port, DO_RECEIVE);
  if (p->host_receivers > 0) {
    forward_from_host(p);
    p->filled = sender(p)->head;
  }
  uint32_t ready = 0;
  for (uint32_t i = 0; i < p->receivers && ready == 0; i++) {
    p->turn = p->turn + 1 < p->receivers ? p->turn + 1 : 0;
    struct ring *ring = p->receive[p->turn];
    uint32_t slot = p->next[p->turn];
    for (; slot != ring->tail && ready < count; slot = after(ring, slot)) {
      uint8_t *frame = buffer(ring, slot);
      const uint32_t length = ring->slots[slot].length;
      if (asks_for_us(p, frame, length)) {
        answer(p, frame);
        forward(p, &ring->slots[slot], p->send[0]);
      } else if (p->host_senders == 0 || is_ours(p, frame, length)) {
        packets[ready++] = (rxtune_packet){frame, length, slot};
      } else {
        forward(p, &ring->slots[slot], p->send[p->senders]);
      }
    }
    p->next[p->turn] = slot;
    if (ready == 0)
      ring->head = ring->current = slot;
  }
  p->filled = sender(p)->head;
  if (ready == 0 && p->has_forwarded) {
    p->has_forwarded = 0;
    call(port, DO_SEND);
  }
  return ready;
}

static void release(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  struct netmap_port *p = netmap(port);
  (void)packets;
  struct ring *ring = p->receive[p->turn];
  if (count > 0)
    ring->head = ring->current = p->next[p->turn];
}

static uint32_t reserve(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct netmap_port *p = netmap(port);
  struct ring *ring = sender(p);
  if (p->filled == ring->tail)
    call(port, DO_SEND);
  uint32_t ready = 0;
  for (uint32_t slot = p->filled; slot != ring->tail && ready < count; slot = after(ring, slot))
    packets[ready++] = (rxtune_packet){buffer(ring, slot), ring->size, slot};
  return ready;
}

static void commit(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  struct netmap_port *p = netmap(port);
  struct ring *ring = sender(p);
  for (uint32_t i = 0; i < count; i++) {
    struct slot *slot = &ring->slots[p->filled];
    slot->length = (uint16_t)packets[i].length;
    slot->flags = 0;
    p->filled = after(ring, p->filled);
  }
}

static void flush(rxtune_packet_port *port) {
  struct netmap_port *p = netmap(port);
  struct ring *ring = sender(p);
  if (ring->head == p->filled && !p->has_forwarded)
    return;
  ring->head = ring->current = p->filled;
  p->has_forwarded = 0;
  call(port, DO_SEND);
}

/// The NIC counts them, and netmap does not tell.
static uint64_t dropped(rxtune_packet_port *port) {
  (void)port;
  return 0;
}

const rxtune_packet_io rxtune_netmap = {"netmap", open_port, receive, release, reserve,
                                        commit,   flush,     dropped, close_port};

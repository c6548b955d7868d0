// AF_PACKET (networking/packet_mmap.rst): a copy of each packet in a ring shared with the kernel, which
// goes on with the packet itself.
//
// Of frames (TPACKET_V2) where packets are answered, and of blocks (TPACKET_V3) where they are only
// taken in: a block costs less a packet, and is handed over once it is full or a millisecond has passed,
// which each answer would be late by.
#define _GNU_SOURCE
#include "../include/PacketIO.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BURST = 64, FRAMES_A_BLOCK = 32 };

struct packet_port {
  rxtune_packet_port port;
  uint8_t *memory;
  uint32_t frame, frames;
  /// Of the frames or blocks, the one to look at next.
  uint32_t next;
  /// Of an open block: its next packet, and how many are left.
  struct tpacket3_hdr *inside;
  uint32_t left;
  uint64_t dropped;
  uint8_t *answers;
  struct iovec parts[BURST];
  struct mmsghdr messages[BURST];
  uint32_t pending;
};

static struct packet_port *packet(rxtune_packet_port *port) { return (struct packet_port *)port; }

/// Whole IPv4 packets of the protocol, to the address and port, without IP options.
static int attach_filter(int descriptor, const rxtune_packet_setup *setup) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 11),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x45, 0, 9),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, setup->protocol, 0, 7),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 5, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 30),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(setup->address), 0, 3),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 36),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, setup->port, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0x40000),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static void close_port(rxtune_packet_port *port) {
  struct packet_port *p = packet(port);
  if (p->memory)
    munmap(p->memory, (size_t)p->frame * p->frames);
  if (port->descriptor >= 0)
    close(port->descriptor);
  free(p->answers);
  free(p);
}

static int set(int descriptor, int option, int value) {
  return setsockopt(descriptor, SOL_PACKET, option, &value, sizeof value);
}

/// Sockets of a group share the packets by their flow.
static int join_group(int descriptor, rxtune_packet_setup *setup) {
  if (setup->ports < 2)
    return 0;
  const int hash = PACKET_FANOUT_HASH << 16, unique = PACKET_FANOUT_FLAG_UNIQUEID << 16;
  if (setup->group)
    return set(descriptor, PACKET_FANOUT, hash | (int)(setup->group & 0xffff));
  if (set(descriptor, PACKET_FANOUT, hash | unique) != 0)
    return -1;
  int group = 0;
  socklen_t length = sizeof group;
  if (getsockopt(descriptor, SOL_PACKET, PACKET_FANOUT, &group, &length) != 0)
    return -1;
  // 0 is a group, too.
  setup->group = ((uint32_t)group & 0xffff) | 1 << 16;
  return 0;
}

static const char *set_up(struct packet_port *p, rxtune_packet_setup *setup) {
  // Of no protocol until all is set: nothing comes that the filter has not seen.
  const int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  p->port.descriptor = descriptor;
  if (descriptor < 0)
    return "open an AF_PACKET socket";
  const int blocks = p->port.io == &rxtune_packet_blocks;
  if (set(descriptor, PACKET_VERSION, blocks ? TPACKET_V3 : TPACKET_V2) != 0 ||
      set(descriptor, PACKET_IGNORE_OUTGOING, 1) != 0 ||
      set(descriptor, PACKET_QDISC_BYPASS, 1) != 0)
    return "set up an AF_PACKET socket";
  if (attach_filter(descriptor, setup) != 0)
    return "attach a filter to an AF_PACKET socket";
  const struct tpacket_req3 ring = {
      .tp_block_size = setup->frame * FRAMES_A_BLOCK,
      .tp_frame_size = setup->frame,
      .tp_block_nr = setup->frames / FRAMES_A_BLOCK,
      .tp_frame_nr = setup->frames,
      .tp_retire_blk_tov = 1,
  };
  // What a ring of frames needs is the beginning of what one of blocks does.
  const socklen_t length = blocks ? sizeof ring : sizeof(struct tpacket_req);
  if (setsockopt(descriptor, SOL_PACKET, PACKET_RX_RING, &ring, length) != 0)
    return "make a ring of packets (PACKET_RX_RING)";
  p->frame = setup->frame;
  p->frames = setup->frames;
  void *memory = mmap(NULL, (size_t)p->frame * p->frames, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_POPULATE, descriptor, 0);
  if (memory == MAP_FAILED)
    return "map a ring of packets";
  p->memory = memory;
  p->answers = malloc((size_t)BURST * p->frame);
  if (!p->answers)
    return "allocate";
  for (uint32_t i = 0; i < BURST; i++) {
    p->parts[i].iov_base = p->answers + (size_t)i * p->frame;
    p->messages[i].msg_hdr = (struct msghdr){.msg_iov = &p->parts[i], .msg_iovlen = 1};
  }
  const struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = setup->ifindex};
  if (bind(descriptor, (const struct sockaddr *)&address, sizeof address) != 0)
    return "bind an AF_PACKET socket";
  return join_group(descriptor, setup) == 0 ? NULL : "join a group of AF_PACKET sockets";
}

static int open_port(const rxtune_packet_io *io, rxtune_packet_setup *setup,
                     rxtune_packet_port **port, const char **step) {
  struct packet_port *p = calloc(1, sizeof *p);
  if (!p) {
    *step = "allocate";
    return ENOMEM;
  }
  p->port.io = io;
  *step = set_up(p, setup);
  if (*step) {
    int code = errno;
    close_port(&p->port);
    return code;
  }
  *port = &p->port;
  return 0;
}

// MARK: - Frames

static int open_frames(rxtune_packet_setup *setup, rxtune_packet_port **port, const char **step) {
  return open_port(&rxtune_packet_mmap, setup, port, step);
}

static struct tpacket2_hdr *header(struct packet_port *p, uint32_t place) {
  return (struct tpacket2_hdr *)(p->memory + (size_t)p->frame * place);
}

static uint32_t receive_frames(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct packet_port *p = packet(port);
  uint32_t ready = 0;
  while (ready < count) {
    struct tpacket2_hdr *h = header(p, p->next);
    if (!(__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
      break;
    packets[ready++] = (rxtune_packet){(uint8_t *)h + h->tp_mac, h->tp_snaplen, p->next};
    p->next = p->next + 1 == p->frames ? 0 : p->next + 1;
  }
  return ready;
}

static void release_frames(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  struct packet_port *p = packet(port);
  for (uint32_t i = 0; i < count; i++)
    __atomic_store_n(&header(p, packets[i].place)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

// MARK: - Blocks

static int open_blocks(rxtune_packet_setup *setup, rxtune_packet_port **port, const char **step) {
  return open_port(&rxtune_packet_blocks, setup, port, step);
}

static struct tpacket_hdr_v1 *block(struct packet_port *p) {
  uint8_t *start = p->memory + (size_t)p->frame * FRAMES_A_BLOCK * p->next;
  return &((struct tpacket_block_desc *)start)->hdr.bh1;
}

static void give_back(struct packet_port *p) {
  __atomic_store_n(&block(p)->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
  p->next = p->next + 1 == p->frames / FRAMES_A_BLOCK ? 0 : p->next + 1;
}

/// Of one block at most.
static uint32_t receive_blocks(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct packet_port *p = packet(port);
  if (p->left == 0) {
    struct tpacket_hdr_v1 *b = block(p);
    if (!(__atomic_load_n(&b->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
      return 0;
    p->left = b->num_pkts;
    if (p->left == 0) {
      give_back(p);
      return 0;
    }
    p->inside = (struct tpacket3_hdr *)(p->memory + (size_t)p->frame * FRAMES_A_BLOCK * p->next +
                                        b->offset_to_first_pkt);
  }
  if (count > p->left)
    count = p->left;
  p->left -= count;
  for (uint32_t i = 0; i < count; i++) {
    struct tpacket3_hdr *h = p->inside;
    packets[i] = (rxtune_packet){(uint8_t *)h + h->tp_mac, h->tp_snaplen, 0};
    p->inside = (struct tpacket3_hdr *)((uint8_t *)h + h->tp_next_offset);
  }
  return count;
}

static void release_blocks(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  if (packet(port)->left == 0)
    give_back(packet(port));
}

// MARK: - Both

static uint32_t reserve(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct packet_port *p = packet(port);
  if (count > BURST - p->pending)
    count = BURST - p->pending;
  for (uint32_t i = 0; i < count; i++)
    packets[i] =
        (rxtune_packet){p->parts[p->pending + i].iov_base, p->frame, p->pending + i};
  return count;
}

static void commit(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  struct packet_port *p = packet(port);
  for (uint32_t i = 0; i < count; i++)
    p->parts[p->pending++].iov_len = packets[i].length;
}

static void flush(rxtune_packet_port *port) {
  struct packet_port *p = packet(port);
  uint32_t sent = 0;
  while (sent < p->pending) {
    port->calls++;
    int code = sendmmsg(port->descriptor, p->messages + sent, p->pending - sent, MSG_DONTWAIT);
    if (code > 0) {
      sent += (uint32_t)code;
      continue;
    }
    if (errno == ENETDOWN || errno == ENXIO || errno == ENODEV)
      port->error = errno;
    // The device takes no more: what is left is lost.
    port->unsent += p->pending - sent;
    break;
  }
  p->pending = 0;
}

static uint64_t dropped(rxtune_packet_port *port) {
  struct packet_port *p = packet(port);
  struct tpacket_stats numbers = {0};
  socklen_t length = sizeof numbers;
  // The kernel counts from 0 again whenever it is asked.
  if (getsockopt(port->descriptor, SOL_PACKET, PACKET_STATISTICS, &numbers, &length) == 0)
    p->dropped += numbers.tp_drops;
  return p->dropped;
}

const rxtune_packet_io rxtune_packet_mmap = {
    "packet-mmap", open_frames, receive_frames, release_frames, reserve, commit, flush, dropped,
    close_port};
const rxtune_packet_io rxtune_packet_blocks = {
    "packet-blocks", open_blocks, receive_blocks, release_blocks, reserve, commit, flush, dropped,
    close_port};

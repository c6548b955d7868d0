// The way of a packet from its interrupt to the program that reads it, a stamp at each step.
//
// A packet is known by the address of its sk_buff. It is in one of two slots, without locks and
// without deletes: what is stale is overwritten. Nothing is summed here but counts; a packet that
// was read goes to user space whole, as one record.
#include "tracing.h"

FIELD(sk_buff_dev, "sk_buff.dev");
FIELD(sk_buff_iif, "sk_buff.skb_iif");
FIELD(sk_buff_prev, "sk_buff.prev");
FIELD(sk_buff_len, "sk_buff.len");
FIELD(sk_buff_data_len, "sk_buff.data_len");
FIELD(sk_buff_data, "sk_buff.data");
FIELD(sk_buff_queue_mapping, "sk_buff.queue_mapping");
FIELD(sk_buff_napi_id, "sk_buff.napi_id");
FIELD(net_device_ifindex, "net_device.ifindex");
FIELD(net_device_net, "net_device.nd_net.net");
FIELD(net_inum, "net.ns.inum");
FIELD(task_flags, "task_struct.flags");
FIELD(sock_protocol, "sock.sk_protocol");
FIELD(sock_queue, "sock.sk_receive_queue");
FIELD(udp_reader_queue, "udp_sock.reader_queue");
FIELD(queue_last, "sk_buff_head.prev");
FIELD(queue_length, "sk_buff_head.qlen");

/// The local port to follow, 0 for all; a receive queue and 1, 0 for all; not 0: only packets of
/// the NAPI instances in `napis`.
FIELD(option_port, "option.port");
FIELD(option_queue, "option.queue");
FIELD(option_napis, "option.napis");

/// Nanoseconds: how soon a packet goes on as that of a device above.
enum { SOON = 1000000 };
/// Nanoseconds: no recv(2) takes longer, once it has a datagram.
enum { STALE = 100000000 };
enum { NET_RX = 3, KERNEL_THREAD = 0x200000, PEEK = 0x2, ERROR_QUEUE = 0x2000 };
enum { TCP = 6, UDP = 17 };
/// For the time at the socket: it was read before its socket told of it.
enum { UNTOLD = 1 };
/// Of the address of a datagram whose reader freed it and is about to be done: it is another packet's.
enum { REUSED = 1 };

/// What this CPU is at.
struct cpu {
  /// The interrupt handler that runs now.
  u64 handler;
  /// Of the NET_RX softirq that is raised or runs: its interrupt, its raise, its begin, and the
  /// begin of the poll that runs.
  u64 irq, raise, softirq, poll;
  /// Of the next one, raised while this one runs.
  u64 next_irq, next_raise;
  /// The process that polled a device busily, and when.
  u64 poller, polled;
  u32 handler_line, irq_line, next_line, pad;
};
MAP(cpus, PERCPU_ARRAY, sizeof(u32), sizeof(struct cpu), 1);

/// Read by user space as it is (PacketRecord).
struct packet {
  u64 skb;
  u64 irq, raise, softirq, poll, entry, stack, socket, waking, running, read;
  u32 entry_cpu, stack_cpu;
  u32 read_cpu, irq_line;
  u32 ifindex, queue;
  u32 napi, length;
  u16 local_port, remote_port;
  u8 protocol, family, way, state;
  u32 process, thread;
  u8 name[16];
};
enum { SLOT_BITS = 16 };
MAP(packets, ARRAY, sizeof(u32), sizeof(struct packet), 1 << SLOT_BITS);

/// Bits of `state`: it is in its socket's fifo; another device handed it up once more; it is none to
/// follow, and remembered for whoever drops it.
enum { IN_FIFO = 1, ONCE_MORE = 2, ENDED = 4 };

/// How a packet came to the device's driver, or who polled it.
enum { BY_SOFTIRQ, BY_THREAD, BY_PROCESS, NOT_BY_NAPI };

/// A thread that reads packets, or polls a NAPI instance.
struct task {
  u64 task;
  u64 waking, running, irq, polled;
  /// It was woken while packets were received.
  u32 woken_by_packet;
  u32 is_napi, irq_line, pad;
};
enum { TASK_BITS = 12 };
MAP(tasks, ARRAY, sizeof(u32), sizeof(struct task), 1 << TASK_BITS);

/// Datagrams in a socket, oldest first, as user space will read them. A place that is being filled
/// is 0, that of a datagram which is not followed UNKNOWN.
enum { FIFO = 4096, UNKNOWN = 1 };
struct fifo {
  u64 first, end;
  /// Datagrams of before tracing began that are read first; reads that a reader on another CPU was
  /// done with before the datagram was told; tellings to come of datagrams that are in here.
  u64 skip, owed, ahead;
  u64 skb[FIFO];
};
MAP(fifos, HASH, sizeof(u64), sizeof(struct fifo), 128);
MAP(empty_fifo, ARRAY, sizeof(u32), sizeof(struct fifo), 1);

/// ifindex → inode of its network namespace: the devices to follow.
MAP(devices, HASH, sizeof(u32), sizeof(u32), 256);
/// NAPI ids to follow.
MAP(napis, HASH, sizeof(u32), sizeof(u32), 256);

struct drop {
  u64 location;
  u32 reason, ifindex;
};
MAP(drops, HASH, sizeof(struct drop), sizeof(u64), 4096);

MAP(records, RING, 0, 0, 1 << 22);

/// As TraceCounts in user space reads them. A packet that ENTERED either reaches AT_STACK, is dropped,
/// or was merged into another by GRO; one AT_STACK is none to follow, is dropped, reaches AT_SOCKET,
/// or no socket; one AT_SOCKET was read in one way or another, is dropped, or was merged or waits.
enum {
  ENTERED,
  DROPPED_BEFORE_STACK,
  AT_STACK,
  OTHER_PROTOCOL,
  OTHER_PORT,
  WITHOUT_DATA,
  DROPPED_BEFORE_SOCKET,
  AT_SOCKET,
  DROPPED_IN_SOCKET,
  WAS_READ,
  READ_BY_NEW_THREAD,
  RING_FULL,
  SLOT_LOST,
  COUNTS
};
MAP(counts, PERCPU_ARRAY, sizeof(u32), COUNTS * sizeof(u64), 1);

/// A reader that counts may be interrupted by a softirq that counts the same.
INLINE void count(u32 what) {
  u32 zero = 0;
  u64 *all = lookup(&counts, &zero);
  if (all)
    __sync_fetch_and_add(&all[what], 1);
}

INLINE struct cpu *cpu(void) {
  u32 zero = 0;
  return lookup(&cpus, &zero);
}

INLINE u32 slot(u64 address, u32 bits) { return address * 0x9e3779b97f4a7c15 >> (64 - bits); }

/// In one of the two slots of an address, under the address or a mark of it.
INLINE struct packet *at(u64 skb, u64 key) {
  if (!skb)
    return 0;
  u32 index = slot(skb, SLOT_BITS);
  struct packet *p = lookup(&packets, &index);
  if (p && p->skb == key)
    return p;
  index ^= 1;
  p = lookup(&packets, &index);
  return p && p->skb == key ? p : 0;
}

/// One that is remembered; 0 where it is none.
INLINE struct packet *packet(u64 skb) { return at(skb, skb); }

INLINE struct packet *followed(u64 skb) {
  struct packet *p = packet(skb);
  return p && !(p->state & ENDED) ? p : 0;
}

/// Is it no packet that was received? Where one ended without an event, as in the queue of a TCP socket,
/// its memory may be what is sent by now, or a message of AF_UNIX.
INLINE u32 is_message(u64 skb) { return !READ(u32, skb + OFFSET(sk_buff_iif)); }

INLINE u32 is_free(const struct packet *p) { return !p->skb || p->state & ENDED; }

/// The slot for one that is not remembered yet: of two that are taken, the older one's.
INLINE struct packet *room(u64 skb) {
  u32 index = slot(skb, SLOT_BITS);
  struct packet *p = lookup(&packets, &index);
  index ^= 1;
  struct packet *other = lookup(&packets, &index);
  if (!p || !other || is_free(p))
    return p;
  return is_free(other) || other->entry < p->entry ? other : p;
}

/// The datagram that was put into a fifo.
INLINE struct packet *queued(u64 skb) {
  struct packet *p = at(skb, skb | REUSED);
  return p ? p : followed(skb);
}

/// Leaves the address to the next packet; the datagram stays where it is for its reader.
INLINE void part(struct packet *p, u64 skb) {
  __sync_val_compare_and_swap(&p->skb, skb, skb | REUSED);
}

INLINE struct task *task(u64 address) {
  u32 index = slot(address, TASK_BITS);
  return lookup(&tasks, &index);
}

// MARK: - Interrupt, softirq, poll

TRACEPOINT(irq_handler_entry) {
  struct cpu *c = cpu();
  if (!c)
    return 0;
  c->handler = now();
  c->handler_line = x[0];
  return 0;
}

TRACEPOINT(irq_handler_exit) {
  struct cpu *c = cpu();
  if (c)
    c->handler = 0;
  return 0;
}

TRACEPOINT(softirq_raise) {
  if ((u32)x[0] != NET_RX)
    return 0;
  struct cpu *c = cpu();
  if (!c)
    return 0;
  if (c->softirq) {
    if (!c->next_raise) {
      c->next_irq = c->handler;
      c->next_line = c->handler_line;
      c->next_raise = now();
    }
  } else if (!c->raise) {
    c->irq = c->handler;
    c->irq_line = c->handler_line;
    c->raise = now();
  }
  return 0;
}

TRACEPOINT(softirq_entry) {
  if ((u32)x[0] != NET_RX)
    return 0;
  struct cpu *c = cpu();
  if (c)
    c->softirq = c->poll = now();
  return 0;
}

TRACEPOINT(softirq_exit) {
  if ((u32)x[0] != NET_RX)
    return 0;
  struct cpu *c = cpu();
  if (!c)
    return 0;
  c->softirq = c->poll = 0;
  c->irq = c->next_irq;
  c->irq_line = c->next_line;
  c->raise = c->next_raise;
  c->next_irq = c->next_raise = 0;
  return 0;
}

// Fires at the end of a poll: the next one of this softirq begins.
TRACEPOINT(napi_poll) {
  struct cpu *c = cpu();
  if (!c)
    return 0;
  if (c->softirq) {
    c->poll = now();
    return 0;
  }
  // A thread of its own (napi.threaded), or a process that polls busily.
  u64 me = this_task();
  if (!(READ(u32, me + OFFSET(task_flags)) & KERNEL_THREAD))
    return 0;
  struct task *t = task(me);
  if (!t)
    return 0;
  if (t->task != me) {
    t->task = me;
    t->waking = t->running = t->irq = 0;
  }
  t->is_napi = 1;
  t->polled = now();
  return 0;
}

// MARK: - Entry

INLINE int enter(u64 skb, u32 napi) {
  struct packet *p = packet(skb);
  u64 device = READ(u64, skb + OFFSET(sk_buff_dev));
  u32 ifindex = READ(u32, device + OFFSET(net_device_ifindex));
  u32 *wanted = lookup(&devices, &ifindex);
  u32 is_ours = 0;
  if (wanted) {
    u64 net = READ(u64, device + OFFSET(net_device_net));
    is_ours = READ(u32, net + OFFSET(net_inum)) == *wanted;
  }
  // A bridge, or a veth to a container: the packet goes on as another device's. Or else its memory
  // was used again, after an end that no event tells.
  if (p) {
    u32 is_same = is_ours && ifindex == p->ifindex;
    if (p->stack && !p->socket && !(p->state & ENDED) && !is_same && now() - p->stack < SOON) {
      p->state |= ONCE_MORE;
      return 0;
    }
    if (p->state & IN_FIFO)
      part(p, skb);
    else
      p->skb = 0;
  }
  if (!is_ours)
    return 0;
  u32 queue = READ(u16, skb + OFFSET(sk_buff_queue_mapping));
  u64 only = OPTION(option_queue);
  if (only && queue != only)
    return 0;
  u32 id = READ(u32, skb + OFFSET(sk_buff_napi_id));
  if (OPTION(option_napis) && !lookup(&napis, &id))
    return 0;
  struct cpu *c = cpu();
  p = room(skb);
  if (!p || !c)
    return 0;
  if (p->skb && p->state & IN_FIFO)
    count(SLOT_LOST);
  u64 time = now();
  u64 irq = 0, raise = 0, softirq = 0, poll = 0;
  u32 way = NOT_BY_NAPI, line = 0;
  if (napi && c->softirq) {
    way = BY_SOFTIRQ;
    irq = c->irq;
    line = c->irq_line;
    raise = c->raise;
    softirq = c->softirq;
    poll = c->poll;
  } else if (napi) {
    way = BY_PROCESS;
    u64 me = this_task();
    if (READ(u32, me + OFFSET(task_flags)) & KERNEL_THREAD) {
      way = BY_THREAD;
      struct task *t = task(me);
      if (t && t->task == me) {
        // Of a thread that polls again without having slept, only the poll's begin is known.
        if (t->running > t->polled) {
          irq = t->irq;
          line = t->irq_line;
          raise = t->waking;
          softirq = poll = t->running;
        } else {
          poll = t->polled;
        }
      }
    } else {
      c->poller = me;
      c->polled = time;
    }
  }
  p->irq = irq;
  p->raise = raise;
  p->softirq = softirq;
  p->poll = poll;
  p->entry = time;
  p->stack = p->socket = p->waking = p->running = p->read = 0;
  p->entry_cpu = this_cpu();
  p->irq_line = irq ? line : 0;
  p->ifindex = ifindex;
  p->queue = queue;
  p->napi = id;
  p->length = READ(u32, skb + OFFSET(sk_buff_len));
  p->local_port = p->remote_port = 0;
  p->protocol = p->family = p->state = 0;
  p->way = way;
  p->skb = skb;
  count(ENTERED);
  return 0;
}

TRACEPOINTS(polled, "napi_gro_receive_entry+napi_gro_frags_entry+"
                    "netif_receive_skb_entry+netif_receive_skb_list_entry") {
  return enter(x[0], 1);
}
TRACEPOINT(netif_rx_entry) { return enter(x[0], 0); }

// MARK: - Stack

enum kind { NOT_FOLLOWED, NO_DATA, DATA };

/// Reads whose packet it is.
INLINE enum kind dissect(struct packet *p, u64 skb) {
  u64 data = READ(u64, skb + OFFSET(sk_buff_data));
  u32 length = READ(u32, skb + OFFSET(sk_buff_len));
  u32 head = length - READ(u32, skb + OFFSET(sk_buff_data_len));
  u8 ip[40] = {};
  read_kernel(ip, sizeof ip, data);
  u32 size;
  if (ip[0] >> 4 == 4) {
    size = (ip[0] & 15) * 4;
    p->family = 4;
    p->protocol = ip[9];
  } else if (ip[0] >> 4 == 6) {
    size = 40;
    p->family = 6;
    p->protocol = ip[6];
  } else {
    return NOT_FOLLOWED;
  }
  // A later fragment has no ports; one of which the headers lie elsewhere has none to read here.
  u32 is_later = p->family == 4 && ((ip[6] & 0x1f) | ip[7]);
  if ((p->protocol != TCP && p->protocol != UDP) || is_later || head < size + 8)
    return NOT_FOLLOWED;
  u8 ports[16] = {};
  read_kernel(ports, sizeof ports, data + size);
  p->remote_port = ports[0] << 8 | ports[1];
  p->local_port = ports[2] << 8 | ports[3];
  return p->protocol == TCP && length <= size + (ports[12] >> 4) * 4 ? NO_DATA : DATA;
}

TRACEPOINT(netif_receive_skb) {
  u64 skb = x[0];
  struct packet *p = followed(skb);
  if (!p)
    return 0;
  u32 is_first = !p->stack;
  if (is_first) {
    p->stack = now();
    p->stack_cpu = this_cpu();
    count(AT_STACK);
  }
  u32 remote = p->remote_port, protocol = p->protocol;
  enum kind kind = dissect(p, skb);
  if (!is_first) {
    // The local port may be another one, by address translation.
    u32 is_same = p->state & ONCE_MORE && kind == DATA && p->remote_port == remote &&
                  p->protocol == protocol;
    p->state &= ~ONCE_MORE;
    if (!is_same)
      p->skb = 0;
    return 0;
  }
  u64 only = OPTION(option_port);
  if (kind == NOT_FOLLOWED)
    count(OTHER_PROTOCOL);
  else if (only && p->local_port != only)
    count(OTHER_PORT);
  else if (kind == NO_DATA)
    count(WITHOUT_DATA);
  else
    return 0;
  p->state |= ENDED;
  return 0;
}

// MARK: - Socket

TRACEPOINT(tcp_probe) {
  u64 skb = x[1];
  struct packet *p = followed(skb);
  if (!p || p->socket)
    return 0;
  p->socket = now();
  count(AT_SOCKET);
  return 0;
}

/// Datagrams that wait in a UDP socket.
INLINE u32 waiting(u64 sk) {
  return READ(u32, sk + OFFSET(sock_queue) + OFFSET(queue_length)) +
         READ(u32, sk + OFFSET(udp_reader_queue) + OFFSET(queue_length));
}

/// Where CPUs queue datagrams at once, one of them queues all, and only then tells as often.
enum { BATCH = 8 };

/// The datagrams at a queue's end that are followed and were not told yet, the newest first.
INLINE u32 untold(u64 queue, u64 *found) {
  u64 skb = READ(u64, queue + OFFSET(queue_last));
  u32 number = 0;
#pragma unroll
  for (u32 i = 0; i < BATCH; i++) {
    struct packet *p = number < i || skb == queue ? 0 : followed(skb);
    found[i] = p && p->stack && !p->socket ? skb : 0;
    if (found[i]) {
      number++;
      skb = READ(u64, skb + OFFSET(sk_buff_prev));
    }
  }
  return number;
}

/// Forgets what left a socket unseen, where nothing is in it but what is told now.
INLINE void forget_stale(struct fifo *f, u64 sk, u32 number) {
  if (waiting(sk) != number)
    return;
  if (f->first == f->end) {
    f->owed = f->skip = 0;
    return;
  }
  u64 skb = f->skb[f->first & (FIFO - 1)];
  struct packet *p = queued(skb);
  if (!skb)
    return;
  if (!p || now() - p->socket > STALE) {
    f->first = f->end;
    f->skip = 0;
  }
}

/// Takes one of a number that other CPUs take from, too; 0 where there is none.
INLINE u32 take(u64 *number) {
  for (int i = 0; i < 4; i++) {
    u64 seen = *number;
    if (!seen)
      return 0;
    if (__sync_val_compare_and_swap(number, seen, seen - 1) == seen)
      return 1;
  }
  return 0;
}

/// 0 where its reader is done with it already.
INLINE u32 push(struct fifo *f, u64 skb) {
  if (take(&f->owed))
    return 0;
  u64 place = __sync_fetch_and_add(&f->end, 1);
  f->skb[place & (FIFO - 1)] = skb;
  return 1;
}

/// Puts one into the fifo, unless another CPU did.
INLINE u32 told(struct fifo *f, u64 skb) {
  struct packet *p = followed(skb);
  if (!p || __sync_val_compare_and_swap(&p->socket, 0, now()))
    return 0;
  // Before it is in there, its reader counts it by the copy, and its place may be another's then.
  if (push(f, skb)) {
    if (p->skb == skb)
      p->state |= IN_FIFO;
  } else if (p->skb == skb) {
    // No event told of the copy: read before it was told.
    p->skb = 0;
    return 1;
  }
  count(AT_SOCKET);
  return 1;
}

TRACEPOINT(sk_data_ready) {
  u64 sk = x[0];
  if (READ(u16, sk + OFFSET(sock_protocol)) != UDP)
    return 0;
  u64 found[BATCH];
  // A reader moves all that waits to a queue of its own.
  u32 number = untold(sk + OFFSET(sock_queue), found);
  if (!number)
    number = untold(sk + OFFSET(udp_reader_queue), found);
  struct fifo *f = lookup(&fifos, &sk);
  if (!f) {
    u32 zero = 0;
    struct fifo *empty = lookup(&empty_fifo, &zero);
    if (!number || !empty)
      return 0;
    update(&fifos, &sk, empty, IF_NEW);
    f = lookup(&fifos, &sk);
    if (!f)
      return 0;
    u32 before = waiting(sk);
    f->skip = before > number ? before - number : 0;
  }
  if (number)
    forget_stale(f, sk, number);
  u32 is_told = 0;
#pragma unroll
  for (int i = BATCH - 1; i >= 0; i--) {
    if (!found[i])
      continue;
    // Whoever sees that there is none left to tell sees that it was told ahead, too.
    if (is_told)
      __sync_fetch_and_add(&f->ahead, 1);
    if (told(f, found[i]))
      is_told = 1;
    else if (is_told)
      take(&f->ahead);
  }
  if (!is_told && !take(&f->ahead))
    push(f, UNKNOWN);
  return 0;
}

// MARK: - Wake-up

INLINE u32 receives_packets(struct cpu *c) {
  if (c->softirq)
    return 1;
  u64 me = this_task();
  if (c->poller == me && now() - c->polled < SOON)
    return 1;
  struct task *t = task(me);
  return t && t->task == me && t->is_napi;
}

TRACEPOINT(sched_waking) {
  u64 address = x[0];
  struct task *t = task(address);
  struct cpu *c = cpu();
  if (!t || !c)
    return 0;
  u32 is_known = t->task == address;
  // Whom a packet wakes will probably read it.
  u32 by_packet = receives_packets(c);
  if (!is_known && !by_packet)
    return 0;
  if (!is_known) {
    t->task = address;
    t->is_napi = 0;
    t->polled = 0;
  }
  t->woken_by_packet = by_packet;
  t->irq = c->handler;
  t->irq_line = c->handler_line;
  t->running = 0;
  t->waking = now();
  return 0;
}

TRACEPOINT(sched_switch) {
  u64 address = x[2];
  struct task *t = task(address);
  if (t && t->task == address && !t->running)
    t->running = now();
  return 0;
}

// MARK: - Read

INLINE int was_read(struct packet *p) {
  u64 me = this_task();
  struct task *t = task(me);
  if (!t)
    return 0;
  // Of data that comes with a handshake, and of UDP before 6.3, no event told it. Of UDP since then
  // another CPU may be about to tell it: either it or this one counts.
  if (!__sync_val_compare_and_swap(&p->socket, 0, UNTOLD))
    count(AT_SOCKET);
  if (t->task != me) {
    // When it was woken is not known.
    t->task = me;
    t->waking = t->running = t->irq = t->polled = 0;
    t->is_napi = t->woken_by_packet = 0;
    p->skb = 0;
    count(READ_BY_NEW_THREAD);
    return 0;
  }
  p->waking = t->woken_by_packet ? t->waking : 0;
  p->running = t->woken_by_packet ? t->running : 0;
  p->read_cpu = this_cpu();
  u64 process = this_process();
  p->process = process >> 32;
  p->thread = process;
  this_name(p->name, sizeof p->name);
  p->read = now();
  count(put(&records, p, sizeof *p, NO_WAKE_UP) ? RING_FULL : WAS_READ);
  p->skb = 0;
  return 0;
}

TRACEPOINT(skb_copy_datagram_iovec) {
  u64 skb = x[0];
  struct packet *p = followed(skb);
  if (!p || p->state & IN_FIFO || is_message(skb))
    return 0;
  return was_read(p);
}

TRACEPOINT(sock_recv_length) {
  u64 sk = x[0];
  if ((int)x[1] < 0 || (u32)x[2] & (PEEK | ERROR_QUEUE))
    return 0;
  struct fifo *f = lookup(&fifos, &sk);
  if (!f)
    return 0;
  if (take(&f->skip))
    return 0;
  // It was put there while its reader found none.
  if (f->first < f->end && take(&f->owed))
    __sync_fetch_and_add(&f->first, 1);
  u64 place = f->first;
  for (int i = 0; i < 4; i++) {
    if (place >= f->end) {
      __sync_fetch_and_add(&f->owed, 1);
      return 0;
    }
    u64 seen = __sync_val_compare_and_swap(&f->first, place, place + 1);
    if (seen == place)
      break;
    place = seen;
  }
  if (f->end - place > FIFO) {
    count(SLOT_LOST);
    return 0;
  }
  volatile u64 *kept = &f->skb[place & (FIFO - 1)];
  u64 skb = 0;
  for (int i = 0; i < 64 && !skb; i++)
    skb = *kept;
  *kept = 0;
  // Its memory may be another packet's by now, or in a moment.
  struct packet *p = queued(skb);
  if (!p || !p->socket)
    return 0;
  part(p, skb);
  return was_read(p);
}

// For kernels without the two events above (before 6.3): a small datagram's read is told by its end
// alone, in the reader's own context.
TRACEPOINT(consume_skb) {
  struct cpu *c = cpu();
  if (!c || c->softirq)
    return 0;
  u64 skb = x[0];
  struct packet *p = followed(skb);
  if (!p || !p->stack || p->protocol != UDP || p->state & IN_FIFO || is_message(skb))
    return 0;
  return was_read(p);
}

// MARK: - Drop

TRACEPOINT(kfree_skb) {
  u64 skb = x[0];
  struct drop d = {.location = x[1], .reason = x[2], .ifindex = 0};
  struct packet *p = packet(skb);
  if (p && p->stack && is_message(skb)) {
    p->skb = 0;
    p = 0;
  }
  if (p && !(p->state & ENDED)) {
    d.ifindex = p->ifindex;
    count(p->socket  ? DROPPED_IN_SOCKET
          : p->stack ? DROPPED_BEFORE_SOCKET
                     : DROPPED_BEFORE_STACK);
  } else if (p && now() - p->stack < SOON) {
    d.ifindex = p->ifindex;
  }
  if (p)
    p->skb = 0;
  u64 *known = lookup(&drops, &d);
  if (known) {
    __sync_fetch_and_add(known, 1);
  } else {
    u64 one = 1;
    if (update(&drops, &d, &one, IF_NEW)) {
      known = lookup(&drops, &d);
      if (known)
        __sync_fetch_and_add(known, 1);
    }
  }
  return 0;
}

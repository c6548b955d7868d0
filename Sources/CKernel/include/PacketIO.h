#ifndef RXTUNE_PACKETIO_H
#define RXTUNE_PACKETIO_H

#include <stdint.h>

// Packets in bursts, past the sockets that programs know: a way a file of PacketIO/, each a struct of
// functions. The servers in Swift and those in C programs call them alike, a function a burst.
// A port is one thread's at a time.

/// A frame with its Ethernet header, or a datagram's payload, as the way has it.
typedef struct rxtune_packet {
  uint8_t *data;
  uint32_t length;
  /// The way's own name for where it lies. Of an answer: that of the packet that it answers.
  uint32_t place;
} rxtune_packet;

typedef struct rxtune_packet_io rxtune_packet_io;

/// What is open: a queue of a device, or a socket. A way's own state lies behind it.
typedef struct rxtune_packet_port {
  const rxtune_packet_io *io;
  /// Readable where packets wait, for poll(2).
  int descriptor;
  /// Why it came to its end, an errno; 0 while it works.
  int error;
  /// System calls that it took.
  uint64_t calls;
  /// Packets that the kernel refused to send.
  uint64_t unsent;
} rxtune_packet_port;

typedef struct rxtune_packet_setup {
  int ifindex;
  uint32_t queue;
  /// IPv4, in network order, and the port, in the host's, of what is served.
  uint32_t address;
  uint16_t port;
  /// IPPROTO_UDP or IPPROTO_TCP.
  uint8_t protocol;
  /// Room for a packet, a power of two, and for how many.
  uint32_t frame;
  uint32_t frames;
  /// Ports that share the packets of one address: the first makes a group, and the others name it.
  uint32_t ports;
  uint32_t group;
  /// Asks again and again, and never sleeps.
  uint8_t is_busy;
  /// No other port is the thread's: `receive` itself may sleep, a tenth of a second at most.
  uint8_t is_alone;
  /// AF_XDP: without a copy, or not at all.
  uint8_t zero_copy;
  /// MiB for packets, of all ports of the process; where the way has memory of its own.
  uint32_t memory;
  /// Receive queues that the process opens in all, a port for each.
  uint16_t queues;
  /// The device's own address.
  uint8_t mac[6];
  /// Of what is no device of the kernel's, what the way knows it by: "0000:00:04.0", "vale0:a".
  char name[64];
} rxtune_packet_setup;

struct rxtune_packet_io {
  const char *name;
  /// 0, or the errno, with what failed in `step`.
  int (*open)(rxtune_packet_setup *setup, rxtune_packet_port **port, const char **step);
  /// Up to `count` packets that have come.
  uint32_t (*receive)(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count);
  /// Gives their memory back, in the order they came in.
  void (*release)(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count);
  /// Memory for up to `count` packets to send.
  uint32_t (*reserve)(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count);
  /// The first `count` of those reserved last are to be sent.
  void (*commit)(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count);
  /// Sends them.
  void (*flush)(rxtune_packet_port *port);
  /// Packets that came and were lost for want of room, so far.
  uint64_t (*dropped)(rxtune_packet_port *port);
  void (*close)(rxtune_packet_port *port);
};

extern const rxtune_packet_io rxtune_af_xdp, rxtune_packet_mmap, rxtune_packet_blocks,
    rxtune_recvmmsg, rxtune_netmap;

/// Opens a port of the way of that name.
int rxtune_packets_open(const char *way, rxtune_packet_setup *setup, rxtune_packet_port **port,
                        const char **step);

// For Swift, which calls no function through a pointer of C without looking whether it is there.
static inline uint32_t rxtune_packets_receive(rxtune_packet_port *port, rxtune_packet *packets,
                                              uint32_t count) {
  return port->io->receive(port, packets, count);
}
static inline void rxtune_packets_release(rxtune_packet_port *port, const rxtune_packet *packets,
                                          uint32_t count) {
  port->io->release(port, packets, count);
}
static inline uint32_t rxtune_packets_reserve(rxtune_packet_port *port, rxtune_packet *packets,
                                              uint32_t count) {
  return port->io->reserve(port, packets, count);
}
static inline void rxtune_packets_commit(rxtune_packet_port *port, const rxtune_packet *packets,
                                         uint32_t count) {
  port->io->commit(port, packets, count);
}
static inline void rxtune_packets_flush(rxtune_packet_port *port) { port->io->flush(port); }
static inline uint64_t rxtune_packets_dropped(rxtune_packet_port *port) {
  return port->io->dropped(port);
}
static inline void rxtune_packets_close(rxtune_packet_port *port) { port->io->close(port); }

/// Of one thread.
enum { RXTUNE_PACKET_PORTS = 64 };

/// Sleeps until a packet has come to one of the ports, or for so long. 0, or the errno that a port
/// came to its end with.
int rxtune_packets_wait(rxtune_packet_port *const *ports, uint32_t count, int milliseconds);

static inline uint64_t rxtune_packet_calls(const rxtune_packet_port *port) {
  return __atomic_load_n(&port->calls, __ATOMIC_RELAXED);
}
static inline uint64_t rxtune_packets_unsent(const rxtune_packet_port *port) {
  return __atomic_load_n(&port->unsent, __ATOMIC_RELAXED);
}

/// Does the port's socket work without a copy? (AF_XDP)
int rxtune_af_xdp_is_zero_copy(const rxtune_packet_port *port);

/// A UDP socket from then on drops what comes to it. The kernel, which sees a packet that another
/// way takes a copy of, so has a receiver for it, and does not answer that there is none (ICMP).
/// 0, or the errno.
int rxtune_drop_all(int descriptor);
/// Datagrams that a socket dropped (SO_MEMINFO).
uint64_t rxtune_socket_drops(int descriptor);

#endif

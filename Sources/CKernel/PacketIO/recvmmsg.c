// The kernel's own stack, in bursts: recvmmsg(2) and sendmmsg(2) on a UDP socket. A packet is a
// datagram's payload.
#define _GNU_SOURCE
#include "../include/PacketIO.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { BURST = 64 };

struct socket_port {
  rxtune_packet_port port;
  uint32_t frame, pending;
  int flags;
  uint8_t *memory;
  struct sockaddr_in senders[BURST], receivers[BURST];
  struct iovec requests[BURST], answers[BURST];
  struct mmsghdr in[BURST], out[BURST];
};

static struct socket_port *sockets(rxtune_packet_port *port) { return (struct socket_port *)port; }

static void close_port(rxtune_packet_port *port) {
  if (port->descriptor >= 0)
    close(port->descriptor);
  free(sockets(port)->memory);
  free(port);
}

static const char *set_up(struct socket_port *p, const rxtune_packet_setup *setup) {
  p->port.descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int descriptor = p->port.descriptor;
  if (descriptor < 0)
    return "open a UDP socket";
  const int on = 1;
  if (setup->ports > 1 &&
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    return "share a UDP port (SO_REUSEPORT)";
  p->flags = MSG_DONTWAIT;
  if (setup->is_alone && !setup->is_busy) {
    const struct timeval limit = {.tv_usec = 100000};
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
      return "limit the wait of a UDP socket";
    p->flags = MSG_WAITFORONE;
  }
  p->frame = setup->frame;
  p->memory = malloc((size_t)2 * BURST * p->frame);
  if (!p->memory)
    return "allocate";
  for (uint32_t i = 0; i < BURST; i++) {
    p->requests[i] = (struct iovec){p->memory + (size_t)i * p->frame, p->frame};
    p->answers[i] = (struct iovec){p->memory + (size_t)(BURST + i) * p->frame, 0};
    p->in[i].msg_hdr = (struct msghdr){.msg_name = &p->senders[i],
                                       .msg_namelen = sizeof p->senders[i],
                                       .msg_iov = &p->requests[i],
                                       .msg_iovlen = 1};
    p->out[i].msg_hdr = (struct msghdr){.msg_name = &p->receivers[i],
                                        .msg_namelen = sizeof p->receivers[i],
                                        .msg_iov = &p->answers[i],
                                        .msg_iovlen = 1};
  }
  const struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(setup->port),
                                      .sin_addr.s_addr = setup->address};
  if (bind(descriptor, (const struct sockaddr *)&address, sizeof address) != 0)
    return "bind a UDP socket";
  return NULL;
}

static int open_port(rxtune_packet_setup *setup, rxtune_packet_port **port, const char **step) {
  struct socket_port *p = calloc(1, sizeof *p);
  if (!p) {
    *step = "allocate";
    return ENOMEM;
  }
  p->port.io = &rxtune_recvmmsg;
  *step = set_up(p, setup);
  if (*step) {
    int code = errno;
    close_port(&p->port);
    return code;
  }
  *port = &p->port;
  return 0;
}

static uint32_t receive(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct socket_port *p = sockets(port);
  port->calls++;
  int ready = recvmmsg(port->descriptor, p->in, count > BURST ? BURST : count, p->flags, NULL);
  for (int i = 0; i < ready; i++)
    packets[i] =
        (rxtune_packet){p->requests[i].iov_base, p->in[i].msg_len, (uint32_t)i};
  return ready > 0 ? (uint32_t)ready : 0;
}

static void release(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {}

static uint32_t reserve(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct socket_port *p = sockets(port);
  if (count > BURST - p->pending)
    count = BURST - p->pending;
  for (uint32_t i = 0; i < count; i++)
    packets[i] = (rxtune_packet){p->answers[p->pending + i].iov_base, p->frame, 0};
  return count;
}

static void commit(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  struct socket_port *p = sockets(port);
  for (uint32_t i = 0; i < count; i++) {
    p->answers[p->pending].iov_len = packets[i].length;
    p->receivers[p->pending++] = p->senders[packets[i].place];
  }
}

static void flush(rxtune_packet_port *port) {
  struct socket_port *p = sockets(port);
  uint32_t sent = 0;
  while (sent < p->pending) {
    port->calls++;
    int code = sendmmsg(port->descriptor, p->out + sent, p->pending - sent, MSG_DONTWAIT);
    if (code > 0) {
      sent += (uint32_t)code;
    } else {
      // The next one cannot be sent, as to a port that is closed; those behind it may be.
      port->unsent++;
      sent++;
    }
  }
  p->pending = 0;
}

static uint64_t dropped(rxtune_packet_port *port) { return rxtune_socket_drops(port->descriptor); }

const rxtune_packet_io rxtune_recvmmsg = {
    "recvmmsg", open_port, receive, release, reserve, commit, flush, dropped, close_port};

#define _GNU_SOURCE
#include "../include/PacketIO.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { PORTS = RXTUNE_PACKET_PORTS };

int rxtune_packets_open(const char *way, rxtune_packet_setup *setup, rxtune_packet_port **port,
                        const char **step) {
  static const rxtune_packet_io *const ways[] = {&rxtune_af_xdp, &rxtune_packet_mmap,
                                                 &rxtune_packet_blocks, &rxtune_recvmmsg,
                                                 &rxtune_netmap};
  for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++)
    if (strcmp(ways[i]->name, way) == 0)
      return ways[i]->open(setup, port, step);
  *step = "find a way of that name";
  return ENOENT;
}

int rxtune_packets_wait(rxtune_packet_port *const *ports, uint32_t count, int milliseconds) {
  struct pollfd waits[PORTS];
  if (count > PORTS)
    count = PORTS;
  for (uint32_t i = 0; i < count; i++) {
    if (ports[i]->error)
      return ports[i]->error;
    waits[i] = (struct pollfd){.fd = ports[i]->descriptor, .events = POLLIN};
  }
  ports[0]->calls++;
  int ready = poll(waits, count, milliseconds);
  // Where its device has gone, an AF_XDP socket is not ready, not even for an error: it is asked
  // whenever nothing comes.
  for (uint32_t i = 0; i < count; i++) {
    if (ready > 0 && !(waits[i].revents & (POLLERR | POLLHUP | POLLNVAL)))
      continue;
    int code = 0;
    socklen_t length = sizeof code;
    ports[i]->calls++;
    const int is_socket = getsockopt(waits[i].fd, SOL_SOCKET, SO_ERROR, &code, &length) == 0;
    if (is_socket && (code == ENETDOWN || code == ENXIO || code == ENODEV))
      return ports[i]->error = code;
    if (!is_socket && ready > 0)
      return ports[i]->error = ENXIO;
  }
  return 0;
}

int rxtune_drop_all(int descriptor) {
  struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  struct sock_fprog program = {.len = 1, .filter = code};
  return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0
             ? 0
             : errno;
}

uint64_t rxtune_socket_drops(int descriptor) {
  uint32_t numbers[SK_MEMINFO_VARS] = {0};
  socklen_t length = sizeof numbers;
  if (getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, numbers, &length) != 0)
    return 0;
  return numbers[SK_MEMINFO_DROPS];
}

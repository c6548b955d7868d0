#ifndef RXTUNE_SOCKETS_H
#define RXTUNE_SOCKETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

// Headers that Swift's Glibc module holds (sys/socket.h, time.h) stay out: they would be claimed
// from it.
struct sockaddr;
struct timespec;
union pthread_attr_t;

// GNU functions that Swift's Glibc module does not show without _GNU_SOURCE.
int accept4(int descriptor, struct sockaddr *address, unsigned *length, int flags);

/// epoll_pwait2(2) without a signal mask; `nanoseconds` below 0 waits without end.
int rxtune_epoll_wait(int epoll, struct epoll_event *events, int count, int64_t nanoseconds);
int sched_getcpu(void);

/// Sends the same datagram `count` times, 64 at most, from a connected socket, in one sendmmsg(2).
/// How many were sent, or -1 with errno.
int rxtune_send_burst(int descriptor, const void *message, size_t length, unsigned count);

/// Options of asm-generic/socket.h and linux/in.h that Debian's libc headers hide or lack.
enum {
  RXTUNE_SO_REUSEPORT = 15,
  RXTUNE_SO_INCOMING_CPU = 49,
  RXTUNE_SO_ATTACH_REUSEPORT_CBPF = 51,
  RXTUNE_SO_ATTACH_REUSEPORT_EBPF = 52,
  RXTUNE_IP_BIND_ADDRESS_NO_PORT = 24,
};

/// A thread made with these attributes begins on that CPU, or pthread_create(3) fails. 0, or the
/// errno.
int rxtune_pin_attributes(union pthread_attr_t *attributes, int cpu);

/// Steers a SO_REUSEPORT group: the CPU that took the packet, looked up in `cpus` (one per
/// worker, in bind order), names the socket; a CPU that is not there falls to CPU modulo count.
/// Classic BPF, so no privilege is needed. 0, or the errno.
int rxtune_attach_cpu_steering(int descriptor, const int *cpus, unsigned count);

/// Steers a SO_REUSEPORT group to a random socket among those of the NUMA node that took the
/// packet: `nodes[i]` is the node of socket i, and sockets of one node lie side by side.
/// Extended BPF (bpf(2), privileged). 0, or the errno.
int rxtune_attach_numa_steering(int descriptor, const int *nodes, unsigned count);

#endif

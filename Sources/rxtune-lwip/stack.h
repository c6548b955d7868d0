#ifndef RXTUNE_STACK_H
#define RXTUNE_STACK_H

#include <stdint.h>
#include <string.h>

// TCP or UDP by lwIP for one address and port, which answers requests of one size as `rxtune bench
// load` expects. Whole frames go in and out. It is one thread's, and once a process: lwIP's state is global.

typedef struct stack_setup {
  uint8_t mac[6];
  uint16_t mtu;
  /// IPv4 in network order, and the port in the host's.
  uint32_t address;
  uint16_t port;
  /// IPPROTO_TCP or IPPROTO_UDP.
  uint8_t protocol;
  uint32_t request_bytes, response_bytes;
  /// Does the server close a connection as soon as it has answered?
  int closes;
  /// Memory to build a frame of that length in, or null; the frame in it is to be sent.
  uint8_t *(*reserve)(uint32_t length);
  void (*send)(uint32_t length);
} stack_setup;

/// May be read by other threads.
typedef struct stack_counts {
  uint64_t accepted, transactions;
  /// Connections that ended within a request or a response, and datagrams of a wrong length.
  uint64_t broken;
  /// Frames for which there was no memory, or no address.
  uint64_t unsent;
} stack_counts;

/// 0, or the errno.
int stack_open(const stack_setup *setup);
/// A frame that came, with TCP or UDP over IPv4 in it, whose sum may be changed, or with ARP.
void stack_input(uint8_t *frame, uint32_t length);
/// To be called a few times each 250 ms.
void stack_run_timers(void);
const stack_counts *stack_count(void);

/// Of an IPv4 packet, in network order.
static inline uint32_t source_address(const uint8_t *frame) {
  uint32_t address;
  memcpy(&address, frame + 26, sizeof address);
  return address;
}

/// Who sends is kept by address. The last byte in network order differs most.
enum { PEERS = 1024 };
static inline uint32_t peer_index(uint32_t address) {
  return ((address >> 24) + (address >> 14)) % PEERS;
}

static inline void count(uint64_t *counter, uint64_t more) {
  __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + more, __ATOMIC_RELAXED);
}

#endif

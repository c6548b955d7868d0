#ifndef RXTUNE_PROGRAM_H
#define RXTUNE_PROGRAM_H

#include <signal.h>
#include <stdint.h>

#include "PacketIO.h"
#include "stack.h"

// What main.c has in common with the stack that it is built with: lwIP (loop.c), or mTCP (rxtune-mtcp).

enum { BURST = 64, WAIT = 50 };

/// What came, in how many bursts, and how often somebody slept for it. May be read by other threads.
extern uint64_t received, bursts, wake_ups;
/// Nobody wants it any more.
extern volatile sig_atomic_t is_stopping;

/// Room for a packet, also where others have to leave for it first.
static inline int reserve_one(rxtune_packet_port *port, rxtune_packet *packet) {
  if (rxtune_packets_reserve(port, packet, 1) > 0)
    return 1;
  rxtune_packets_flush(port);
  return rxtune_packets_reserve(port, packet, 1) > 0;
}

/// What the stack is called in messages.
extern const char *const stack_name;

/// Sets the stack up over the ports. 0, or the errno.
int stack_start(const stack_setup *setup, const char *device, rxtune_packet_port *const *ports,
                uint32_t count, int is_busy, int cpu);
/// Serves until it is to stop. 0, or the errno that a port came to its end with.
int stack_serve(void);
/// May the ports be closed before the process ends? Not where threads are at them that nobody stops.
int stack_has_ended(void);

#endif

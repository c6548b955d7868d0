// The loop of a stack that is handed packets, and run by one thread: lwIP.
#include <stddef.h>

#include "program.h"

enum { LOOK = 4096 };

const char *const stack_name = "lwIP";

static rxtune_packet_port *const *ports;
static uint32_t port_count;
static int is_busy;

/// What is sent goes out where the last packet came in.
static rxtune_packet_port *current;
static rxtune_packet reserved;

static uint8_t *reserve(uint32_t length) {
  return reserve_one(current, &reserved) && length <= reserved.length ? reserved.data : NULL;
}

static void send_reserved(uint32_t length) {
  reserved.length = length;
  rxtune_packets_commit(current, &reserved, 1);
}

static uint32_t serve(rxtune_packet_port *from) {
  static rxtune_packet packets[BURST];
  const uint32_t got = rxtune_packets_receive(from, packets, BURST);
  if (got == 0)
    return 0;
  current = from;
  count(&received, got);
  count(&bursts, 1);
  for (uint32_t i = 0; i < got; i++)
    stack_input(packets[i].data, packets[i].length);
  rxtune_packets_flush(from);
  rxtune_packets_release(from, packets, got);
  return got;
}

int stack_start(const stack_setup *setup, const char *device, rxtune_packet_port *const *all,
                uint32_t count, int busy, int cpu) {
  ports = all;
  port_count = count;
  is_busy = busy;
  current = ports[0];
  stack_setup own = *setup;
  own.reserve = reserve;
  own.send = send_reserved;
  return stack_open(&own);
}

int stack_has_ended(void) { return 1; }

int stack_serve(void) {
  uint32_t rounds = 0;
  while (!is_stopping) {
    uint32_t got = 0;
    for (uint32_t i = 0; i < port_count; i++)
      got += serve(ports[i]);
    rounds++;
    if (got > 0) {
      if (rounds % BURST == 0)
        stack_run_timers();
      continue;
    }
    stack_run_timers();
    for (uint32_t i = 0; i < port_count; i++)
      rxtune_packets_flush(ports[i]);
    // A busy thread looks now and then whether its device is still there.
    if (is_busy && rounds % LOOK != 0)
      continue;
    const int code = rxtune_packets_wait(ports, port_count, is_busy ? 0 : WAIT);
    if (code != 0)
      return code;
    if (!is_busy)
      count(&wake_ups, 1);
  }
  return 0;
}

// The measure of rxtune's packet servers: their loop in plain C, over the same packet I/O
// (Sources/CKernel/PacketIO), AF_XDP in native mode on queue 0.
//
//   packets DEVICE ADDRESS PORT receive|udp-rr|drop CPU SECONDS [busy]
//
// `drop` is the ceiling: the same program, without a socket, drops the packets (XDP_DROP).
// SIGTERM ends it sooner. Prints as reference.c does: the packets that it counted or answered, 0, its CPU
// seconds (user, system), 0.
#define _GNU_SOURCE
#include "../../Sources/CKernel/include/BPF.h"
#include "../../Sources/CKernel/include/PacketIO.h"
#include "../../Sources/CKernel/include/Programs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BURST = 64, HEADERS = 42, SIZE = 64 };

static volatile sig_atomic_t stopped;
static void stop(int number) { stopped = number; }

static void fail(const char *step, int code) {
  fprintf(stderr, "packets: %s: %s\n", step, strerror(code));
  exit(1);
}

/// - drops: what has no socket goes nowhere, instead of on into the kernel.
static int load(int map, uint32_t address, uint16_t port, int drops) {
  const rxtune_bpf_program *program = rxtune_bpf_xdp()->programs;
  uint64_t code[256];
  if (program->count > sizeof code / sizeof *code)
    fail("load", E2BIG);
  memcpy(code, program->code, program->count * sizeof *code);
  for (uint32_t i = 0; i < program->symbol_count; i++) {
    const rxtune_bpf_symbol *s = &program->symbols[i];
    uint32_t value = 0;
    uint64_t kind = 0;
    if (strcmp(s->name, "option.address") == 0)
      value = address;
    else if (strcmp(s->name, "option.port") == 0)
      value = htons(port);
    else if (strcmp(s->name, "option.protocol") == 0)
      value = IPPROTO_UDP;
    else {
      value = (uint32_t)map;
      kind = 1 << 12;
    }
    code[s->at] = (code[s->at] & 0xfff) | kind | (uint64_t)value << 32;
  }
  // r3 = XDP_PASS, what bpf_redirect_map() is to do without a socket; it becomes XDP_DROP.
  enum { PASS = 2, DROP = 1 };
  for (uint32_t i = 0; drops && i < program->count; i++)
    if (code[i] == (0x3b7 | (uint64_t)PASS << 32))
      code[i] = 0x3b7 | (uint64_t)DROP << 32;
  char log[1];
  return rxtune_bpf_load(RXTUNE_BPF_XDP, code, program->count, log, 0);
}

static uint32_t sum(const uint8_t *bytes) {
  uint32_t sum = 0;
  for (int i = 0; i < 20; i += 2) {
    uint16_t word;
    memcpy(&word, bytes + i, 2);
    sum += word;
  }
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}

static uint16_t big16(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }

/// Is it a request of SIZE bytes?
static int is_request(const uint8_t *f, uint32_t length, uint32_t address, uint16_t port) {
  if (length < HEADERS || big16(f + 12) != 0x0800 || f[14] != 0x45)
    return 0;
  uint32_t total = big16(f + 16);
  return total >= 28 && total <= length - 14 && sum(f + 14) == 0xffff &&
         !(big16(f + 20) & 0x3fff) && f[23] == IPPROTO_UDP && memcmp(f + 30, &address, 4) == 0 &&
         big16(f + 36) == port && big16(f + 38) == 8 + SIZE && total >= 28 + SIZE;
}

/// That came to the device.
static unsigned long long received(const char *device) {
  char path[96];
  unsigned long long packets = 0;
  snprintf(path, sizeof path, "/sys/class/net/%s/statistics/rx_packets", device);
  FILE *file = fopen(path, "r");
  if (!file || fscanf(file, "%llu", &packets) != 1)
    fail(path, errno);
  fclose(file);
  return packets;
}

static void report(unsigned long long total) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%llu 0 %ld.%06ld %ld.%06ld 0\n", total, usage.ru_utime.tv_sec, usage.ru_utime.tv_usec,
         usage.ru_stime.tv_sec, usage.ru_stime.tv_usec);
}

int main(int count, char **words) {
  if (count < 7) {
    fputs("usage: packets DEVICE ADDRESS PORT receive|udp-rr|drop CPU SECONDS [busy]\n", stderr);
    return 64;
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET((size_t)atoi(words[5]), &cpus);
  sched_setaffinity(0, sizeof cpus, &cpus);
  signal(SIGTERM, stop);
  signal(SIGALRM, stop);
  alarm((unsigned)atoi(words[6]));
  const int answers = strcmp(words[4], "udp-rr") == 0, drops = strcmp(words[4], "drop") == 0,
            busy = count > 7;
  rxtune_packet_setup setup = {.ifindex = (int)if_nametoindex(words[1]),
                               .port = (uint16_t)atoi(words[3]),
                               .protocol = IPPROTO_UDP,
                               .frame = 2048,
                               .frames = 4096,
                               .ports = 1,
                               .is_busy = (uint8_t)busy};
  inet_pton(AF_INET, words[2], &setup.address);
  const int map = rxtune_bpf_make_map(17, 4, 4, 1024),
            program = load(map, setup.address, setup.port, drops);
  if (map < 0 || program < 0)
    fail("load the XDP program", EINVAL);
  if (drops) {
    const unsigned long long before = received(words[1]);
    // None of the signals comes between a look and the sleep.
    sigset_t ends, before_them;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGALRM);
    sigprocmask(SIG_BLOCK, &ends, &before_them);
    if (rxtune_bpf_attach_xdp(setup.ifindex, program, 0) < 0)
      fail("attach the XDP program", EINVAL);
    while (!stopped)
      sigsuspend(&before_them);
    report(received(words[1]) - before);
    return 0;
  }
  rxtune_packet_port *port;
  const char *step;
  int code = rxtune_packets_open("af-xdp", &setup, &port, &step);
  if (code)
    fail(step, code);
  const uint32_t queue = 0;
  if (rxtune_bpf_update(map, &queue, &port->descriptor) != 0 ||
      rxtune_bpf_attach_xdp(setup.ifindex, program, 0) < 0)
    fail("attach the XDP program", EINVAL);

  uint8_t template[HEADERS + SIZE] = {[12] = 8, [14] = 0x45, [20] = 0x40, [22] = 64, [23] = 17};
  template[17] = 28 + SIZE;
  memcpy(template + 26, &setup.address, 4);
  template[34] = (uint8_t)(setup.port >> 8);
  template[35] = (uint8_t)setup.port;
  template[39] = 8 + SIZE;
  for (int i = 0; i < SIZE; i++)
    template[HEADERS + i] = (uint8_t)(7 * i);

  rxtune_packet requests[BURST], replies[BURST];
  uint64_t total = 0;
  uint32_t idle = 0;
  while (!stopped) {
    uint32_t got = rxtune_packets_receive(port, requests, BURST);
    if (got == 0) {
      rxtune_packets_flush(port);
      if ((!busy || ++idle % 4096 == 0) && rxtune_packets_wait(&port, 1, busy ? 0 : 100) != 0)
        break;
      continue;
    }
    uint32_t room = answers ? rxtune_packets_reserve(port, replies, got) : 0, filled = 0;
    for (uint32_t i = 0; i < got; i++) {
      const uint8_t *f = requests[i].data;
      if (!is_request(f, requests[i].length, setup.address, setup.port))
        continue;
      if (!answers) {
        total++;
        continue;
      }
      if (filled == room)
        continue;
      uint8_t *to = replies[filled].data;
      memcpy(to, template, sizeof template);
      memcpy(to, f + 6, 6);
      memcpy(to + 6, f, 6);
      memcpy(to + 30, f + 26, 4);
      memcpy(to + 36, f + 34, 2);
      uint16_t header = (uint16_t)~sum(to + 14);
      memcpy(to + 24, &header, 2);
      memcpy(to + HEADERS, f + HEADERS, 8);
      replies[filled++].length = sizeof template;
    }
    if (answers) {
      total += filled;
      rxtune_packets_commit(port, replies, filled);
      rxtune_packets_flush(port);
    }
    rxtune_packets_release(port, requests, got);
  }
  report(total);
  return 0;
}

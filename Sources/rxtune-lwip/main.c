// rxtune's TCP and UDP server past the kernel's stack: a stack of its own (program.h) over the packet I/O
// of CKernel, a process for some of a device's queues. rxtune starts it, with what it is to be as
// NAME=NUMBER arguments:
//
//   way=af-xdp ifindex=3 queues=0,4 ...
//
// It tells in lines of JSON on standard output: {"ready":...} once packets are served, or
// {"failed":...}; its counts for each line on standard input, and at its end; {"ended":...} where
// the device has gone. It ends with its input, by SIGTERM, or with its parent.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "BPF.h"
#include "program.h"

enum { PORTS = RXTUNE_PACKET_PORTS };

// MARK: - What it is to be

static const char *way = "", *queue_list = "", *device = "";
static long ifindex, address, port, protocol, mac, mtu, request_bytes, response_bytes, closes,
    is_busy, frame, frames, memory, processes, group, zero_copy, cpu = -1, map = -1;

static const struct {
  const char *name;
  const char **value;
} texts[] = {{"way", &way}, {"queues", &queue_list}, {"device", &device}};

static const struct {
  const char *name;
  long *value;
} numbers[] = {
    {"ifindex", &ifindex},
    {"address", &address},
    {"port", &port},
    {"protocol", &protocol},
    // As one number, the first byte its highest.
    {"mac", &mac},
    {"mtu", &mtu},
    {"request", &request_bytes},
    {"response", &response_bytes},
    {"closes", &closes},
    {"busy", &is_busy},
    {"frame", &frame},
    {"frames", &frames},
    {"memory", &memory},
    {"processes", &processes},
    {"group", &group},
    {"zero-copy", &zero_copy},
    {"cpu", &cpu},
    {"map", &map},
};

static int read_argument(const char *argument) {
  const char *value = strchr(argument, '=');
  if (!value)
    return 0;
  const size_t length = (size_t)(value++ - argument);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (strlen(texts[i].name) == length && strncmp(argument, texts[i].name, length) == 0) {
      *texts[i].value = value;
      return 1;
    }
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (strlen(numbers[i].name) == length && strncmp(argument, numbers[i].name, length) == 0) {
      char *end;
      *numbers[i].value = strtol(value, &end, 10);
      return *value && !*end;
    }
  return 0;
}

// MARK: - What it tells

/// Where it tells: a stack may print what it likes on standard output.
static FILE *report;

static int fail(const char *step, int code, uint32_t queue) {
  fprintf(report, "{\"failed\":{\"step\":\"%s\",\"code\":%d,\"queue\":%u}}\n", step, code, queue);
  fflush(report);
  return 1;
}

static rxtune_packet_port *ports[PORTS];
static uint32_t port_count;
uint64_t received, bursts, wake_ups;
volatile sig_atomic_t is_stopping;

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static unsigned long long now(const uint64_t *counter) {
  return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void tell_counts(void) {
  flockfile(report);
  const stack_counts *stack = stack_count();
  unsigned long long unsent = now(&stack->unsent), dropped = 0, calls = 0;
  for (uint32_t i = 0; i < port_count; i++) {
    unsent += rxtune_packets_unsent(ports[i]);
    dropped += rxtune_packets_dropped(ports[i]);
    calls += rxtune_packet_calls(ports[i]);
  }
  struct rusage usage = {0};
  getrusage(RUSAGE_SELF, &usage);
  fprintf(report,
          "{\"counts\":{\"received\":%llu,\"bursts\":%llu,\"accepted\":%llu,\"transactions\":%llu,"
          "\"damaged\":%llu,\"foreign\":0,\"unsent\":%llu,\"dropped\":%llu,\"systemCalls\":%llu,"
          "\"wakeUps\":%llu},\"usage\":{\"user\":%f,\"system\":%f,\"voluntarySwitches\":%ld,"
          "\"involuntarySwitches\":%ld}}\n",
          now(&received), now(&bursts), now(&stack->accepted), now(&stack->transactions),
          now(&stack->broken), unsent, dropped, calls, now(&wake_ups), seconds(usage.ru_utime),
          seconds(usage.ru_stime), usage.ru_nvcsw, usage.ru_nivcsw);
  fflush(report);
  funlockfile(report);
}

static void *answer_parent(void *unused) {
  char line[64];
  ssize_t got;
  while ((got = read(0, line, sizeof line)) > 0 || (got < 0 && errno == EINTR))
    if (got > 0)
      tell_counts();
  is_stopping = 1;
  return unused;
}

static void stop(int number) {
  (void)number;
  is_stopping = 1;
}

// MARK: - Setting up

static void read_mac(uint8_t bytes[6]) {
  for (int i = 0; i < 6; i++)
    bytes[i] = (uint8_t)(mac >> (8 * (5 - i)));
}

/// A port for each queue of the list, or one, where the way has no queues.
static int open_ports(void) {
  const char *rest = queue_list;
  uint16_t queues = 1;
  for (const char *c = rest; *c; c++)
    queues += *c == ',';
  do {
    char *end;
    const uint32_t queue = (uint32_t)strtoul(rest, &end, 10);
    rest = *end == ',' ? end + 1 : NULL;
    if (port_count == PORTS)
      return fail("serve so many queues by one process", E2BIG, queue);
    rxtune_packet_setup setup = {
        .ifindex = (int)ifindex,
        .queue = queue,
        .address = (uint32_t)address,
        .port = (uint16_t)port,
        .protocol = (uint8_t)protocol,
        .frame = (uint32_t)frame,
        .frames = (uint32_t)frames,
        .ports = (uint32_t)processes,
        .group = (uint32_t)group,
        .is_busy = (uint8_t)is_busy,
        .zero_copy = (uint8_t)zero_copy,
        .memory = (uint32_t)memory,
        .queues = queues,
    };
    read_mac(setup.mac);
    snprintf(setup.name, sizeof setup.name, "%s", device);
    const char *step = "";
    int code = rxtune_packets_open(way, &setup, &ports[port_count], &step);
    if (code != 0)
      return fail(step, code, queue);
    const uint32_t descriptor = (uint32_t)ports[port_count]->descriptor;
    port_count++;
    group = setup.group;
    if (map >= 0 && (code = rxtune_bpf_update((int)map, &queue, &descriptor)) != 0)
      return fail("put a socket into the BPF map", -code, queue);
  } while (rest);
  return 0;
}

static int open_stack(void) {
  stack_setup setup = {
      .address = (uint32_t)address,
      .port = (uint16_t)port,
      .protocol = (uint8_t)protocol,
      .mtu = (uint16_t)(mtu < UINT16_MAX ? mtu : UINT16_MAX),
      .request_bytes = (uint32_t)request_bytes,
      .response_bytes = (uint32_t)response_bytes,
      .closes = closes != 0,
  };
  read_mac(setup.mac);
  const int code = stack_start(&setup, device, ports, port_count, is_busy != 0, (int)cpu);
  char step[64];
  snprintf(step, sizeof step, "set up %s", stack_name);
  return code == 0 ? 0 : fail(step, code, 0);
}

static void pin(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((size_t)cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

int main(int count, char **arguments) {
  const pid_t parent = getppid();
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
    return 1;
  for (int i = 1; i < count; i++)
    if (!read_argument(arguments[i])) {
      fprintf(stderr, "rxtune-lwip: \"%s\" is no argument\n", arguments[i]);
      return 64;
    }
  if (count < 2) {
    fputs("rxtune-lwip is started by rxtune bench serve --backend lwip\n", stderr);
    return 64;
  }
  report = fdopen(dup(1), "w");
  if (!report)
    return 1;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGTERM, stop);
  if (open_ports() != 0 || open_stack() != 0)
    return 1;
  pthread_t listener;
  int code = pthread_create(&listener, NULL, answer_parent, NULL);
  if (code != 0)
    return fail("start a thread", code, 0);
  if (cpu >= 0)
    pin();
  fprintf(report, "{\"ready\":{\"group\":%ld}}\n", group);
  fflush(report);
  code = stack_serve();
  tell_counts();
  // For good: nobody counts any more.
  flockfile(report);
  for (uint32_t i = 0; i < port_count && stack_has_ended(); i++)
    rxtune_packets_close(ports[i]);
  if (code != 0)
    fprintf(report, "{\"ended\":{\"code\":%d}}\n", code);
  fflush(report);
  _exit(code != 0);
}

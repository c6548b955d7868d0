// The measure of rxtune's own server and load generator: the same exchange in plain C.
//
//   reference serve crr|rr PORT WORKERS CPUS SECONDS     SO_REUSEPORT, an epoll a worker
//   reference load  crr|rr PORT THREADS CPUS SECONDS CONNECTIONS WARMUP
//
// CPUS is a comma list; thread i runs on the i-th, around. SIGTERM ends it sooner. Prints
// transactions, those after the first WARMUP seconds a second, the threads' CPU seconds (user,
// system), and failures.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64, EVENTS = 64, THREADS = 64, SLOTS = 4096, DESCRIPTORS = 65536, CPUS = 64 };

static bool keep_alive;
static struct sockaddr_in address = {.sin_family = AF_INET};
static uint64_t until, measure_from;
static volatile sig_atomic_t stopped;
static char pattern[SIZE];
static uint8_t received[DESCRIPTORS];
static int cpus[CPUS], cpu_count, connections, threads;

struct thread {
  pthread_t handle;
  int index;
  uint64_t transactions, measured, failed;
  uint64_t latency[64];
  struct rusage usage;
} __attribute__((aligned(128)));
static struct thread thread_table[THREADS];

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static double seconds_of(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void stop(int number) {
  (void)number;
  stopped = 1;
}

static int check(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  return result;
}

static void pin(int index) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpus[index % cpu_count], &set);
  check(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

static void watch(int epoll, int descriptor, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data.u64 = token};
  check(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

// MARK: server

static int listener(void) {
  int descriptor = check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
  int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  check(setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "SO_REUSEPORT");
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  check(bind(descriptor, (struct sockaddr *)&address, sizeof address), "bind");
  check(listen(descriptor, 4096), "listen");
  return descriptor;
}

/// false once the connection is closed.
static bool answer(struct thread *self, int descriptor, char *request, char *response) {
  ssize_t got = recv(descriptor, request, SIZE - received[descriptor], 0);
  if (got <= 0) {
    if (got < 0 && errno == EAGAIN)
      return true;
    close(descriptor);
    return false;
  }
  if (received[descriptor] == 0)
    memcpy(response, request, 8);
  received[descriptor] += got;
  if (received[descriptor] < SIZE)
    return true;
  received[descriptor] = 0;
  if (send(descriptor, response, SIZE, MSG_NOSIGNAL) == SIZE)
    __atomic_store_n(&self->transactions, self->transactions + 1, __ATOMIC_RELAXED);
  else
    self->failed++;
  if (!keep_alive)
    close(descriptor);
  return keep_alive;
}

static int listeners[THREADS];

static void *serve(void *argument) {
  struct thread *self = argument;
  struct epoll_event events[EVENTS];
  char request[SIZE], response[SIZE];
  memcpy(response, pattern, SIZE);
  pin(self->index);
  int epoll = check(epoll_create1(0), "epoll_create1");
  watch(epoll, listeners[self->index], EPOLLIN, UINT64_MAX);
  while (!stopped) {
    int count = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < count; i++) {
      if (events[i].data.u64 != UINT64_MAX) {
        answer(self, (int)events[i].data.u64, request, response);
        continue;
      }
      int descriptor = accept4(listeners[self->index], 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor < 0 || descriptor >= DESCRIPTORS)
        continue;
      received[descriptor] = 0;
      if (answer(self, descriptor, request, response))
        watch(epoll, descriptor, EPOLLIN, (uint64_t)descriptor);
    }
  }
  getrusage(RUSAGE_THREAD, &self->usage);
  return 0;
}

// MARK: load

struct slot {
  int descriptor;
  bool waiting;
  uint8_t received;
  uint64_t began, number;
};

static void begin(struct thread *self, int epoll, struct slot *slot, int index, char *request,
                  uint64_t time) {
  slot->began = time;
  slot->received = 0;
  slot->number++;
  memcpy(request, &slot->number, 8);
  if (slot->descriptor < 0) {
    int on = 1;
    slot->descriptor =
        check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    setsockopt(slot->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(epoll, slot->descriptor, EPOLLIN | EPOLLET, (uint64_t)index);
    slot->waiting = false;
  }
  if (!slot->waiting || !keep_alive) {
    if (connect(slot->descriptor, (struct sockaddr *)&address, sizeof address) < 0 &&
        errno != EINPROGRESS)
      self->failed++;
  }
  slot->waiting = true;
  if (send(slot->descriptor, request, SIZE, MSG_NOSIGNAL) != SIZE)
    self->failed++;
}

static void *load(void *argument) {
  struct thread *self = argument;
  struct epoll_event events[EVENTS];
  char request[SIZE], response[SIZE];
  memcpy(request, pattern, SIZE);
  pin(self->index);
  int epoll = check(epoll_create1(0), "epoll_create1"), count = connections / threads;
  struct slot *slots = calloc(SLOTS, sizeof *slots);
  for (int i = 0; i < count; i++) {
    slots[i].descriptor = -1;
    slots[i].number = (uint64_t)self->index << 48 | (uint64_t)i << 32;
    begin(self, epoll, &slots[i], i, request, now());
  }
  for (uint64_t time = now(); time < until && !stopped; time = now()) {
    int ready = epoll_wait(epoll, events, EVENTS, 50);
    for (int i = 0; i < ready; i++) {
      struct slot *slot = &slots[events[i].data.u64];
      if (!(events[i].events & EPOLLIN))
        continue;
      ssize_t got = recv(slot->descriptor, response + slot->received, SIZE - slot->received, 0);
      if (got <= 0) {
        if (got < 0 && errno == EAGAIN)
          continue;
        self->failed++;
        close(slot->descriptor);
        slot->descriptor = -1;
        begin(self, epoll, slot, (int)events[i].data.u64, request, now());
        continue;
      }
      slot->received += got;
      if (slot->received < SIZE)
        continue;
      if (memcmp(response, &slot->number, 8) || memcmp(response + 8, pattern + 8, SIZE - 8))
        self->failed++;
      uint64_t end = now();
      __atomic_store_n(&self->transactions, self->transactions + 1, __ATOMIC_RELAXED);
      if (end >= measure_from && end < until) {
        self->measured++;
        self->latency[63 - __builtin_clzll((end - slot->began) | 1)]++;
      }
      if (!keep_alive) {
        struct sockaddr none = {.sa_family = AF_UNSPEC};
        connect(slot->descriptor, &none, sizeof none);
      }
      begin(self, epoll, slot, (int)events[i].data.u64, request, end);
    }
  }
  getrusage(RUSAGE_THREAD, &self->usage);
  return 0;
}

int main(int count, char **words) {
  bool serves = count == 7 && !strcmp(words[1], "serve");
  if (!serves && !(count == 9 && !strcmp(words[1], "load"))) {
    fprintf(stderr, "usage: reference serve|load crr|rr PORT THREADS CPUS SECONDS [CONNECTIONS WARMUP]\n");
    return 64;
  }
  keep_alive = !strcmp(words[2], "rr");
  address.sin_port = htons((uint16_t)atoi(words[3]));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  threads = atoi(words[4]);
  for (char *part = strtok(words[5], ","); part && cpu_count < CPUS; part = strtok(0, ","))
    cpus[cpu_count++] = atoi(part);
  connections = serves ? 0 : atoi(words[7]);
  if (threads < 1 || threads > THREADS || cpu_count < 1 || connections / threads > SLOTS)
    return 64;
  for (int i = 0; i < SIZE; i++)
    pattern[i] = (char)(7 * i);
  uint64_t start = now(), seconds = (uint64_t)(atof(words[6]) * 1e9);
  uint64_t warm_up = serves ? 0 : (uint64_t)(atof(words[8]) * 1e9);
  measure_from = start + warm_up;
  until = start + seconds;
  signal(SIGTERM, stop);
  if (serves) {
    for (int i = 0; i < threads; i++)
      listeners[i] = listener();
    struct itimerval time = {.it_value = {.tv_sec = (time_t)(seconds / 1000000000),
                                          .tv_usec = (suseconds_t)(seconds / 1000 % 1000000)}};
    signal(SIGALRM, stop);
    check(setitimer(ITIMER_REAL, &time, 0), "setitimer");
  }
  for (int i = 0; i < threads; i++) {
    thread_table[i].index = i;
    pthread_create(&thread_table[i].handle, 0, serves ? serve : load, &thread_table[i]);
  }
  uint64_t transactions = 0, measured = 0, failed = 0;
  double user = 0, system = 0;
  for (int i = 0; i < threads; i++) {
    pthread_join(thread_table[i].handle, 0);
    transactions += thread_table[i].transactions;
    measured += thread_table[i].measured;
    failed += thread_table[i].failed;
    user += seconds_of(thread_table[i].usage.ru_utime);
    system += seconds_of(thread_table[i].usage.ru_stime);
  }
  printf("%llu %.0f %.6f %.6f %llu\n", (unsigned long long)transactions,
         (double)measured * 1e9 / (double)(seconds - warm_up),
         user, system, (unsigned long long)failed);
  return 0;
}

// A transaction whose cost is known: a word to and fro between two processes on one CPU, with a spin of
// so many nanoseconds while a file holds a value, or while it does not. Prints transactions a second.
//
//   planted SECONDS [SPIN-NS FILE VALUE [else]]
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int holds(const char *path, const char *value) {
  char text[64] = "";
  FILE *file = fopen(path, "r");
  if (!file || !fgets(text, sizeof text, file)) {
    perror(path);
    exit(1);
  }
  fclose(file);
  text[strcspn(text, "\n")] = 0;
  return strcmp(text, value) == 0;
}

int main(int count, char **words) {
  if (count < 2) return 64;
  uint64_t length = (uint64_t)(atof(words[1]) * 1e9), spin = 0;
  if (count >= 5) {
    int is_on = holds(words[3], words[4]);
    if (count > 5) is_on = !is_on;
    if (is_on) spin = strtoull(words[2], 0, 10);
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET((int)sysconf(_SC_NPROCESSORS_ONLN) - 1, &cpus);
  sched_setaffinity(0, sizeof cpus, &cpus);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) return 1;
  pid_t server = fork();
  char byte = 0;
  if (server == 0) {
    while (read(ends[1], &byte, 1) == 1) {
      if (spin)
        for (uint64_t end = now() + spin; now() < end;) continue;
      if (write(ends[1], &byte, 1) != 1) break;
    }
    _exit(0);
  }
  uint64_t begin = now(), transactions = 0, end = begin + length, time;
  do {
    for (int turn = 0; turn < 64; turn++, transactions++)
      if (write(ends[0], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1) return 1;
    time = now();
  } while (time < end);
  kill(server, SIGKILL);
  printf("%.0f\n", (double)transactions * 1e9 / (double)(time - begin));
  return 0;
}

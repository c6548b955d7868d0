// A transaction whose cost is known: a word to and fro between two processes on one CPU, with a spin of
// so many nanoseconds while a file holds a value, or while it does not. Prints transactions a second, of
// the least disturbed slice of its time.
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
#include <sys/wait.h>
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
  double best = 0;
  for (uint64_t end = now() + length, begin; (begin = now()) < end;) {
    enum { turns = 500 };
    for (int turn = 0; turn < turns; turn++)
      if (write(ends[0], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1) return 1;
    double rate = turns * 1e9 / (double)(now() - begin);
    if (rate > best) best = rate;
  }
  kill(server, SIGKILL);
  waitpid(server, 0, 0);
  printf("%.0f\n", best);
  return 0;
}

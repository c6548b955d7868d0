#define _GNU_SOURCE
#include "Perf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int rxtune_perf_sample(int cpu, uint64_t frequency) {
  struct perf_event_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  attributes.freq = 1;
  attributes.sample_freq = frequency;
  attributes.sample_type =
      PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_CPU | PERF_SAMPLE_CALLCHAIN;
  attributes.exclude_callchain_user = 1;
  attributes.disabled = 1;
  int descriptor =
      (int)syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

int rxtune_perf_open_ring(int descriptor, size_t size, rxtune_perf_ring *ring) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  void *map = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (map == MAP_FAILED)
    return errno;
  struct perf_event_mmap_page *head = map;
  *ring = (rxtune_perf_ring){
      .head = (uint64_t *)&head->data_head,
      .tail = (uint64_t *)&head->data_tail,
      .data = (const uint64_t *)((const char *)map + page),
      .size = size,
      .map = map,
      .mapped = page + size,
  };
  return 0;
}

void rxtune_perf_close_ring(rxtune_perf_ring *ring) { munmap(ring->map, ring->mapped); }

int rxtune_perf_enable(int descriptor, int on) {
  return ioctl(descriptor, on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0) < 0 ? errno : 0;
}

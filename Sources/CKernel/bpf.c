#define _GNU_SOURCE
#include "BPF.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int command, union bpf_attr *attributes) {
  int result = (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
  return result < 0 ? -errno : result;
}

static uint64_t address(const void *pointer) { return (uint64_t)(uintptr_t)pointer; }

int rxtune_bpf_make_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_type = type;
  attributes.key_size = key;
  attributes.value_size = value;
  attributes.max_entries = entries;
  return bpf(BPF_MAP_CREATE, &attributes);
}

int rxtune_bpf_load(uint32_t type, const uint64_t *code, uint32_t count, char *log,
                    uint32_t log_size) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = type;
  attributes.insns = address(code);
  attributes.insn_cnt = count;
  attributes.license = address("GPL");
  // As bpftool prog lists it.
  strcpy(attributes.prog_name, "rxtune");
  // The verifier writes only what it is asked for: first without, for that is faster.
  int program = bpf(BPF_PROG_LOAD, &attributes);
  if (program >= 0 || program == -EPERM || log_size == 0)
    return program;
  attributes.log_buf = address(log);
  attributes.log_size = log_size;
  attributes.log_level = 1;
  return bpf(BPF_PROG_LOAD, &attributes);
}

int rxtune_bpf_attach(const char *tracepoint, int program) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.raw_tracepoint.name = address(tracepoint);
  attributes.raw_tracepoint.prog_fd = (uint32_t)program;
  return bpf(BPF_RAW_TRACEPOINT_OPEN, &attributes);
}

int rxtune_bpf_attach_xdp(int ifindex, int program, int generic) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.link_create.prog_fd = (uint32_t)program;
  attributes.link_create.target_ifindex = (uint32_t)ifindex;
  attributes.link_create.attach_type = BPF_XDP;
  attributes.link_create.flags = generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
  return bpf(BPF_LINK_CREATE, &attributes);
}

static int access_map(int command, int map, const void *key, const void *value) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_fd = (uint32_t)map;
  attributes.key = address(key);
  attributes.value = address(value);
  return bpf(command, &attributes);
}

int rxtune_bpf_look_up(int map, const void *key, void *value) {
  return access_map(BPF_MAP_LOOKUP_ELEM, map, key, value);
}

int rxtune_bpf_update(int map, const void *key, const void *value) {
  return access_map(BPF_MAP_UPDATE_ELEM, map, key, value);
}

int rxtune_bpf_next_key(int map, const void *key, void *next) {
  return access_map(BPF_MAP_GET_NEXT_KEY, map, key, next);
}

int rxtune_bpf_enable_statistics(void) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.enable_stats.type = BPF_STATS_RUN_TIME;
  return bpf(BPF_ENABLE_STATS, &attributes);
}

int rxtune_bpf_statistics(int program, uint64_t *nanoseconds, uint64_t *runs) {
  struct bpf_prog_info info;
  union bpf_attr attributes;
  memset(&info, 0, sizeof info);
  memset(&attributes, 0, sizeof attributes);
  attributes.info.bpf_fd = (uint32_t)program;
  attributes.info.info_len = sizeof info;
  attributes.info.info = address(&info);
  int result = bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes);
  *nanoseconds = info.run_time_ns;
  *runs = info.run_cnt;
  return result;
}

int rxtune_bpf_open_ring(int map, size_t size, rxtune_bpf_ring *ring) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  void *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
  if (consumer == MAP_FAILED)
    return -errno;
  uint8_t *producer = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, map, (off_t)page);
  if (producer == MAP_FAILED) {
    int code = -errno;
    munmap(consumer, page);
    return code;
  }
  *ring = (rxtune_bpf_ring){consumer, (uint64_t *)producer, producer + page, size, page};
  return 0;
}

void rxtune_bpf_close_ring(rxtune_bpf_ring *ring) {
  munmap(ring->consumer, ring->page);
  munmap(ring->producer, ring->page + 2 * ring->size);
}

#define _GNU_SOURCE
#include "LockContention.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/// LCB_F_SPIN of include/trace/events/lock.h. Of two stacks whose hashes share one of STACKS places
/// the later is lost; a benchmark has some hundred.
enum { SPIN = 1, STACKS = 65536 };

static int bpf(int command, union bpf_attr *attributes) {
  return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static int make_map(unsigned type, unsigned key, unsigned value, unsigned entries) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_type = type;
  attributes.key_size = key;
  attributes.value_size = value;
  attributes.max_entries = entries;
  return bpf(BPF_MAP_CREATE, &attributes);
}

static int attach(const struct bpf_insn *code, unsigned count, const char *tracepoint) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
  attributes.insns = (uint64_t)(uintptr_t)code;
  attributes.insn_cnt = count;
  attributes.license = (uint64_t)(uintptr_t) "GPL";
  int program = bpf(BPF_PROG_LOAD, &attributes);
  if (program < 0)
    return -1;
  memset(&attributes, 0, sizeof attributes);
  attributes.raw_tracepoint.name = (uint64_t)(uintptr_t)tracepoint;
  attributes.raw_tracepoint.prog_fd = (uint32_t)program;
  int link = bpf(BPF_RAW_TRACEPOINT_OPEN, &attributes);
  int code_of_failure = errno;
  close(program);
  errno = code_of_failure;
  return link;
}

#define REG(name) BPF_REG_##name
#define MOV(to, from) {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = REG(to), .src_reg = REG(from)}
#define SET(to, value) {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = REG(to), .imm = (value)}
#define ADD(to, value) {.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = REG(to), .imm = (value)}
#define CALL(function) {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_##function}
#define LOAD(to, from, at)                                                                         \
  {.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = REG(to), .src_reg = REG(from), .off = (at)}
#define STORE(to, at, from)                                                                        \
  {.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = REG(to), .src_reg = REG(from), .off = (at)}
#define STORE32(to, at, from)                                                                      \
  {.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = REG(to), .src_reg = REG(from), .off = (at)}
#define INCREASE(to, at, from)                                                                     \
  {.code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = REG(to), .src_reg = REG(from), .off = (at),   \
   .imm = BPF_ADD}
#define MAP(to, map)                                                                               \
  {.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = REG(to), .src_reg = BPF_PSEUDO_MAP_FD,            \
   .imm = (map)},                                                                                  \
      {.code = 0}
#define IF_ZERO(reg, skip) {.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = REG(reg), .off = (skip)}
#define EXIT SET(0, 0), {.code = BPF_JMP | BPF_EXIT}
#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

int rxtune_contention_open(rxtune_contention *trace) {
  *trace = (rxtune_contention){-1, -1, -1, -1, -1};
  // Keyed by lock and CPU: who spins stays where it is, and waits for a lock once at a time.
  trace->waits = make_map(BPF_MAP_TYPE_HASH, 16, 16, 8192);
  trace->stacks = make_map(BPF_MAP_TYPE_STACK_TRACE, 4, 8 * RXTUNE_STACK_DEPTH, STACKS);
  trace->sums = make_map(BPF_MAP_TYPE_HASH, 4, 16, STACKS + 1);
  if (trace->waits < 0 || trace->stacks < 0 || trace->sums < 0)
    goto failed;

  // The stack frame: key {lock, cpu} at -32, value {since, stack} at -16.
  const struct bpf_insn begin[] = {
      MOV(6, 1),
      LOAD(7, 6, 0), // lock
      LOAD(8, 6, 8), // flags
      {.code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = BPF_REG_8, .imm = SPIN},
      IF_ZERO(8, 19),
      CALL(ktime_get_ns),
      STORE(10, -16, 0),
      MOV(1, 6),
      MAP(2, trace->stacks),
      SET(3, 0),
      CALL(get_stackid),
      STORE(10, -8, 0),
      STORE(10, -32, 7),
      CALL(get_smp_processor_id),
      STORE(10, -24, 0),
      MAP(1, trace->waits),
      MOV(2, 10),
      ADD(2, -32),
      MOV(3, 10),
      ADD(3, -16),
      SET(4, BPF_ANY),
      CALL(map_update_elem),
      EXIT,
  };
  // The sum's key, a stack, at -40; a new sum {nanoseconds, count} at -16.
  const struct bpf_insn end[] = {
      LOAD(7, 1, 0), // lock
      STORE(10, -32, 7),
      CALL(get_smp_processor_id),
      STORE(10, -24, 0),
      MAP(1, trace->waits),
      MOV(2, 10),
      ADD(2, -32),
      CALL(map_lookup_elem),
      IF_ZERO(0, 33),
      MOV(8, 0),
      LOAD(6, 8, 8),
      STORE32(10, -40, 6),
      CALL(ktime_get_ns),
      LOAD(1, 8, 0),
      {.code = BPF_ALU64 | BPF_SUB | BPF_X, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_1},
      MOV(9, 0),
      MAP(1, trace->sums),
      MOV(2, 10),
      ADD(2, -40),
      CALL(map_lookup_elem),
      IF_ZERO(0, 4),
      INCREASE(0, 0, 9),
      SET(1, 1),
      INCREASE(0, 8, 1),
      {.code = BPF_JMP | BPF_JA, .off = 11},
      STORE(10, -16, 9),
      SET(1, 1),
      STORE(10, -8, 1),
      MAP(1, trace->sums),
      MOV(2, 10),
      ADD(2, -40),
      MOV(3, 10),
      ADD(3, -16),
      SET(4, BPF_ANY),
      CALL(map_update_elem),
      MAP(1, trace->waits),
      MOV(2, 10),
      ADD(2, -32),
      CALL(map_delete_elem),
      EXIT,
  };
  trace->end = attach(end, LENGTH(end), "contention_end");
  if (trace->end < 0)
    goto failed;
  trace->begin = attach(begin, LENGTH(begin), "contention_begin");
  if (trace->begin >= 0)
    return 0;
failed:;
  int code = errno;
  rxtune_contention_close(trace);
  return code;
}

void rxtune_contention_close(rxtune_contention *trace) {
  int all[] = {trace->begin, trace->end, trace->waits, trace->stacks, trace->sums};
  for (unsigned i = 0; i < LENGTH(all); i++)
    if (all[i] >= 0)
      close(all[i]);
  *trace = (rxtune_contention){-1, -1, -1, -1, -1};
}

static int access_map(int command, int map, const void *key, void *value) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_fd = (uint32_t)map;
  attributes.key = (uint64_t)(uintptr_t)key;
  attributes.value = (uint64_t)(uintptr_t)value;
  return bpf(command, &attributes);
}

int rxtune_contention_next(const rxtune_contention *trace, uint32_t *key,
                           rxtune_contention_sum *sum) {
  uint32_t next;
  // UINT32_MAX is no stack's number, so the kernel begins with the first. A lost stack has the
  // number of its errno, negative.
  if (access_map(BPF_MAP_GET_NEXT_KEY, trace->sums, key, &next) != 0)
    return errno;
  *key = next;
  memset(sum, 0, sizeof *sum);
  uint64_t value[2];
  if (access_map(BPF_MAP_LOOKUP_ELEM, trace->sums, key, value) != 0)
    return errno;
  sum->nanoseconds = value[0];
  sum->count = value[1];
  if (*key < STACKS)
    access_map(BPF_MAP_LOOKUP_ELEM, trace->stacks, key, sum->stack);
  return 0;
}

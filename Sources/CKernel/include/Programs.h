#ifndef RXTUNE_PROGRAMS_H
#define RXTUNE_PROGRAMS_H

#include <stddef.h>
#include <stdint.h>

/// What an instruction refers to by name: a map ("packets"), a member of a kernel's structure
/// ("sk_buff.dev") or an option ("option.port"). `at` counts words of the program.
typedef struct rxtune_bpf_symbol {
  uint32_t at;
  const char *name;
} rxtune_bpf_symbol;

/// A program, in the kernel's instructions (linux/bpf.h, struct bpf_insn), and the raw tracepoints
/// that it belongs on: "one+other"; of one for a device's packets (XDP), its name.
typedef struct rxtune_bpf_program {
  const char *tracepoints;
  const uint64_t *code;
  uint32_t count;
  const rxtune_bpf_symbol *symbols;
  uint32_t symbol_count;
} rxtune_bpf_program;

/// A map: enum bpf_map_type, sizes in bytes, entries.
typedef struct rxtune_bpf_map {
  const char *name;
  uint32_t type, key, value, entries;
} rxtune_bpf_map;

/// What one source of Programs/ became.
typedef struct rxtune_bpf_object {
  const rxtune_bpf_program *programs;
  uint32_t program_count;
  const rxtune_bpf_map *maps;
  uint32_t map_count;
} rxtune_bpf_object;

const rxtune_bpf_object *rxtune_bpf_contention(void);
const rxtune_bpf_object *rxtune_bpf_counts(void);
const rxtune_bpf_object *rxtune_bpf_stages(void);
const rxtune_bpf_object *rxtune_bpf_xdp(void);

#endif

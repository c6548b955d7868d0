// Written by `make programs` from contention.bpf.c: edit that.
#include "../include/Programs.h"

static const uint64_t contention_contention_begin[] = {
    0x0000000000081279, 0x0000000100000257, 0x0000000000160215, 0x0000000000001279,
    0x00000000fff02a7b, 0x00000000000016bf, 0x0000000800000085, 0x00000000000001bc,
    0x00000000fff81a7b, 0x0000000500000085, 0x00000000ffe00a7b, 0x00000000000061bf,
    0x0000000000000218, 0x0000000000000000, 0x00000000000003b7, 0x0000001b00000085,
    0x00000000ffe80a7b, 0x000000000000a2bf, 0xfffffff000000207, 0x000000000000a3bf,
    0xffffffe000000307, 0x0000000000000118, 0x0000000000000000, 0x00000000000004b7,
    0x0000000200000085, 0x00000000000000b4, 0x0000000000000095,
};
static const rxtune_bpf_symbol contention_contention_begin_symbols[] = {
    {12, "stacks"},
    {21, "waits"},
};

static const uint64_t contention_contention_end[] = {
    0x0000000000001179, 0x00000000fff01a7b, 0x0000000800000085, 0x00000000000001bc,
    0x00000000fff81a7b, 0x000000000000a2bf, 0xfffffff000000207, 0x0000000000000118,
    0x0000000000000000, 0x0000000100000085, 0x0000000000210015, 0x0000000000080179,
    0x00000000ffec1a63, 0x00000000000007bf, 0x0000000500000085, 0x00000000000006bf,
    0x0000000000007179, 0x000000000000161f, 0x000000000000a2bf, 0xffffffec00000207,
    0x0000000000000118, 0x0000000000000000, 0x0000000100000085, 0x0000000000040015,
    0x00000001000060db, 0x00000001000001b7, 0x00000001000810db, 0x00000000000b0005,
    0x00000001000001b7, 0x00000000ffe01a7b, 0x00000000ffd86a7b, 0x000000000000a2bf,
    0xffffffec00000207, 0x000000000000a3bf, 0xffffffd800000307, 0x0000000000000118,
    0x0000000000000000, 0x00000000000004b7, 0x0000000200000085, 0x000000000000a2bf,
    0xfffffff000000207, 0x0000000000000118, 0x0000000000000000, 0x0000000300000085,
    0x00000000000000b4, 0x0000000000000095,
};
static const rxtune_bpf_symbol contention_contention_end_symbols[] = {
    {7, "waits"},
    {20, "sums"},
    {35, "sums"},
    {41, "waits"},
};

static const rxtune_bpf_map contention_maps[] = {
    {"waits", 1, 16, 16, 8192},
    {"stacks", 7, 4, 256, 65536},
    {"sums", 1, 4, 16, 65537},
};

static const rxtune_bpf_program contention_programs[] = {
    {"contention_begin",
     contention_contention_begin, 27, contention_contention_begin_symbols, 2},
    {"contention_end",
     contention_contention_end, 46, contention_contention_end_symbols, 4},
};

const rxtune_bpf_object *rxtune_bpf_contention(void) {
  static const rxtune_bpf_object object = {
      contention_programs, 2, contention_maps, 3,
  };
  return &object;
}

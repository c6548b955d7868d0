// Written by `make programs` from xdp.bpf.c: edit that.
#include "../include/Programs.h"

static const uint64_t xdp_to_socket[] = {
    0x00000002000000b4, 0x0000000000041361, 0x0000000000001261, 0x00000000000024bf,
    0x0000002600000407, 0x00000000001d342d, 0x00000000000c2369, 0x00000008001b0356,
    0x00000000000e2371, 0x0000004500190356, 0x0000000000142369, 0x0000ff3f00000354,
    0x0000000000160356, 0x0000000000000318, 0x0000000000000000, 0x0000000000172471,
    0x000000ff00000354, 0x000000000011345e, 0x00000000001e2369, 0x0000000000202469,
    0x0000001000000464, 0x000000000000344c, 0x0000000000000318, 0x0000000000000000,
    0x00000000000a345e, 0x0000000000000318, 0x0000000000000000, 0x0000000000242269,
    0x0000ffff00000354, 0x000000000005325e, 0x0000000000101261, 0x0000000000000118,
    0x0000000000000000, 0x00000002000003b7, 0x0000003300000085, 0x0000000000000095,
};
static const rxtune_bpf_symbol xdp_to_socket_symbols[] = {
    {13, "option.protocol"},
    {22, "option.address"},
    {25, "option.port"},
    {31, "sockets"},
};

static const rxtune_bpf_map xdp_maps[] = {
    {"sockets", 17, 4, 4, 1024},
};

static const rxtune_bpf_program xdp_programs[] = {
    {"redirect",
     xdp_to_socket, 36, xdp_to_socket_symbols, 4},
};

const rxtune_bpf_object *rxtune_bpf_xdp(void) {
  static const rxtune_bpf_object object = {
      xdp_programs, 1, xdp_maps, 1,
  };
  return &object;
}

// Hands the packets of one address and port to the AF_XDP socket of the queue that they came by. All
// else goes on into the kernel: ARP, other ports, fragments, packets with IP options; and what came by
// a queue without a socket.
#include "tracing.h"

enum { PASS = 2, IPV4 = 0x0008, PLAIN_HEADER = 0x45, PART_OF_MANY = 0xff3f };

/// Sockets by the queue's number.
MAP(sockets, XSK, sizeof(u32), sizeof(u32), 1024);

/// Both in network order, as the packet has them.
FIELD(option_address, "option.address");
FIELD(option_port, "option.port");
FIELD(option_protocol, "option.protocol");

/// struct xdp_md (linux/bpf.h).
struct context {
  u32 data, data_end, data_meta, ifindex, queue;
};

struct headers {
  u8 to[6], from[6];
  u16 type;
  u8 version, service;
  u16 length, id, fragment;
  u8 hops, protocol;
  u16 sum;
  u32 source, destination;
  u16 source_port, destination_port;
} __attribute__((packed, aligned(2)));

__attribute__((section("xdp/redirect"), used)) int to_socket(const struct context *x) {
  const struct headers *h = (const void *)(u64)x->data;
  if ((const void *)(h + 1) > (const void *)(u64)x->data_end)
    return PASS;
  if (h->type != IPV4 || h->version != PLAIN_HEADER || h->fragment & PART_OF_MANY ||
      h->protocol != (u8)OPTION(option_protocol) || h->destination != (u32)OPTION(option_address) ||
      h->destination_port != (u16)OPTION(option_port))
    return PASS;
  return redirect(&sockets, x->queue, PASS);
}

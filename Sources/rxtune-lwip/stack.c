#include "stack.h"

#include <errno.h>
#include <lwip/init.h>
#include <lwip/ip4.h>
#include <lwip/netif.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <netif/ethernet.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "sum.h"

enum { BLOCK = 256 };
/// The low byte of the Ethernet type, and what else there is in a frame.
enum { ARP = 0x06, ETHERNET = 14, UDP = 17 };

static stack_setup options;
static stack_counts counts;
static struct netif device;
/// All that is sent, but for the head.
static uint8_t *response;

const stack_counts *stack_count(void) { return &counts; }

// MARK: - Frames

/// Who sent from an address: what goes there, goes back to it. The kernel has done ARP.
static struct peer {
  uint32_t address;
  uint8_t mac[6];
} peers[PEERS];

static struct peer *peer_of(uint32_t address) { return &peers[peer_index(address)]; }

static void learn(const uint8_t *frame) {
  const uint32_t address = source_address(frame);
  struct peer *peer = peer_of(address);
  peer->address = address;
  memcpy(peer->mac, frame + 6, sizeof peer->mac);
}

static err_t send_packet(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to) {
  const struct peer *peer = peer_of(to->addr);
  if (peer->address != to->addr) {
    count(&counts.unsent, 1);
    return ERR_RTE;
  }
  struct eth_addr source, target;
  memcpy(&source, netif->hwaddr, sizeof source);
  memcpy(&target, peer->mac, sizeof target);
  return ethernet_output(netif, packet, &source, &target, ETHTYPE_IP);
}

static err_t send_frame(struct netif *netif, struct pbuf *frame) {
  (void)netif;
  uint8_t *memory = options.reserve(frame->tot_len);
  if (!memory) {
    count(&counts.unsent, 1);
    return ERR_MEM;
  }
  pbuf_copy_partial(frame, memory, frame->tot_len, 0);
  options.send(frame->tot_len);
  return ERR_OK;
}

void stack_input(uint8_t *frame, uint32_t length) {
  if (length < ETHERNET + 20 || length > UINT16_MAX)
    return;
  if (frame[13] != ARP) {
    learn(frame);
    complete_sum(frame, length);
  }
  struct pbuf *copy = pbuf_alloc(PBUF_RAW, (uint16_t)length, PBUF_RAM);
  if (!copy)
    return;
  memcpy(copy->payload, frame, length);
  if (device.input(copy, &device) != ERR_OK)
    pbuf_free(copy);
}

void stack_run_timers(void) { sys_check_timeouts(); }

static err_t set_up_device(struct netif *netif) {
  netif->output = send_packet;
  netif->linkoutput = send_frame;
  netif->mtu = options.mtu;
  netif->hwaddr_len = sizeof options.mac;
  memcpy(netif->hwaddr, options.mac, sizeof options.mac);
  // Without "ARP" it takes no Ethernet frames at all.
  netif->flags = NETIF_FLAG_UP | NETIF_FLAG_LINK_UP | NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP;
  return ERR_OK;
}

// MARK: - Connections

typedef struct connection {
  exchange exchange;
  /// Answered, and not closed for want of memory.
  int is_done;
  struct connection *next;
} connection;

static connection *spare;

static connection *take_connection(void) {
  if (!spare) {
    connection *block = calloc(BLOCK, sizeof *block);
    if (!block)
      return NULL;
    for (int i = 0; i < BLOCK; i++) {
      block[i].next = spare;
      spare = &block[i];
    }
  }
  connection *taken = spare;
  spare = taken->next;
  *taken = (connection){0};
  return taken;
}

static void give_back(connection *c) {
  if (exchange_is_open(&c->exchange))
    count(&counts.broken, 1);
  c->next = spare;
  spare = c;
}

/// Its connection goes on by itself, until both ends know of its end.
static void leave(connection *c, struct tcp_pcb *pcb) {
  tcp_arg(pcb, NULL);
  tcp_recv(pcb, NULL);
  tcp_sent(pcb, NULL);
  tcp_poll(pcb, NULL, 0);
  tcp_err(pcb, NULL);
  give_back(c);
}

/// lwIP has freed it, or will.
static void failed(void *argument, err_t error) {
  (void)error;
  give_back(argument);
}

static err_t abort_connection(connection *c, struct tcp_pcb *pcb) {
  leave(c, pcb);
  tcp_abort(pcb);
  return ERR_ABRT;
}

/// As much of the response as lwIP takes; it sends, and asks for more once that has arrived.
static void answer(connection *c, struct tcp_pcb *pcb) {
  while (c->exchange.left > 0) {
    const uint32_t position = options.response_bytes - c->exchange.left;
    if (position < HEAD)
      memcpy(response, c->exchange.head, HEAD);
    const uint32_t room = tcp_sndbuf(pcb);
    uint32_t part = c->exchange.left < room ? c->exchange.left : room;
    if (part > UINT16_MAX)
      part = UINT16_MAX;
    const uint8_t flags = TCP_WRITE_FLAG_COPY | (part < c->exchange.left ? TCP_WRITE_FLAG_MORE : 0);
    if (part == 0 || tcp_write(pcb, response + position, (uint16_t)part, flags) != ERR_OK)
      return;
    c->exchange.left -= part;
    if (c->exchange.left > 0)
      continue;
    count(&counts.transactions, 1);
    c->is_done = options.closes;
  }
  if (c->is_done && tcp_close(pcb) == ERR_OK)
    leave(c, pcb);
}

static err_t sent(void *argument, struct tcp_pcb *pcb, u16_t bytes) {
  (void)bytes;
  answer(argument, pcb);
  return ERR_OK;
}

static err_t polled(void *argument, struct tcp_pcb *pcb) {
  answer(argument, pcb);
  return ERR_OK;
}

static err_t received(void *argument, struct tcp_pcb *pcb, struct pbuf *data, err_t error) {
  (void)error;
  connection *c = argument;
  if (!data) {
    if (tcp_close(pcb) != ERR_OK)
      return abort_connection(c, pcb);
    leave(c, pcb);
    return ERR_OK;
  }
  int is_right = 1;
  for (const struct pbuf *part = data; part && is_right; part = part->next)
    is_right = c->is_done || exchange_take(&c->exchange, options.request_bytes,
                                           options.response_bytes, part->payload, part->len);
  tcp_recved(pcb, data->tot_len);
  pbuf_free(data);
  if (!is_right)
    return abort_connection(c, pcb);
  answer(c, pcb);
  return ERR_OK;
}

static err_t accepted(void *argument, struct tcp_pcb *pcb, err_t error) {
  (void)argument;
  if (error != ERR_OK || !pcb)
    return ERR_VAL;
  connection *c = take_connection();
  if (!c)
    return ERR_MEM;
  count(&counts.accepted, 1);
  tcp_nagle_disable(pcb);
  tcp_arg(pcb, c);
  tcp_recv(pcb, received);
  tcp_sent(pcb, sent);
  // Each second, for what memory was short of.
  tcp_poll(pcb, polled, 2);
  tcp_err(pcb, failed);
  return ERR_OK;
}

/// 0, or the errno.
static int listen_for_connections(void) {
  struct tcp_pcb *listener = tcp_new();
  if (!listener)
    return ENOMEM;
  if (tcp_bind(listener, IP_ADDR_ANY, options.port) != ERR_OK)
    return EADDRINUSE;
  listener = tcp_listen_with_backlog(listener, 255);
  if (!listener)
    return ENOMEM;
  tcp_accept(listener, accepted);
  return 0;
}

// MARK: - Datagrams

static void got_datagram(void *argument, struct udp_pcb *pcb, struct pbuf *data,
                         const ip_addr_t *from, u16_t port) {
  (void)argument;
  struct pbuf *reply = NULL;
  if (data->tot_len != options.request_bytes)
    count(&counts.broken, 1);
  else if (!(reply = pbuf_alloc(PBUF_TRANSPORT, (uint16_t)options.response_bytes, PBUF_RAM)))
    count(&counts.unsent, 1);
  if (reply) {
    memcpy(reply->payload, response, options.response_bytes);
    pbuf_copy_partial(data, reply->payload, HEAD, 0);
  }
  pbuf_free(data);
  // What cannot be sent is counted where it fails.
  if (reply && udp_sendto(pcb, reply, from, port) == ERR_OK)
    count(&counts.transactions, 1);
  if (reply)
    pbuf_free(reply);
}

/// 0, or the errno.
static int receive_datagrams(void) {
  struct udp_pcb *pcb = udp_new();
  if (!pcb)
    return ENOMEM;
  if (udp_bind(pcb, IP_ADDR_ANY, options.port) != ERR_OK)
    return EADDRINUSE;
  udp_recv(pcb, got_datagram, NULL);
  return 0;
}

int stack_open(const stack_setup *setup) {
  options = *setup;
  response = malloc(options.response_bytes);
  if (!response)
    return ENOMEM;
  for (uint32_t i = 0; i < options.response_bytes; i++)
    response[i] = (uint8_t)(7 * i);
  lwip_init();
  const ip4_addr_t address = {.addr = options.address}, none = {0};
  if (!netif_add(&device, &address, &none, &none, NULL, set_up_device, ethernet_input))
    return ENOMEM;
  // Whatever it sends, it sends there.
  netif_set_default(&device);
  return options.protocol == UDP ? receive_datagrams() : listen_for_connections();
}

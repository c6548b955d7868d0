// The ways of DPDK, in place of those of CKernel/PacketIO, for the program of rxtune-lwip: its
// drivers that sit on AF_XDP and AF_PACKET, one queue a process.
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "PacketIO.h"

enum { BURST = 64, DESCRIPTORS = 512, BUFFERS = 4095, ETHERNET = 14, MICROSECONDS = 50 };

struct dpdk_port {
  rxtune_packet_port port;
  uint32_t address;
  uint16_t served, number;
  /// Does nobody else see what comes? Then it is answered where the address is asked for (ARP).
  int is_alone;
  struct ifreq device;
  struct rte_mempool *pool;
  struct rte_mbuf *received[BURST];
  /// The first `pending` are to be sent; behind them may lie what was reserved.
  struct rte_mbuf *to_send[BURST];
  uint32_t pending;
};

static const rxtune_packet_io dpdk_io;

static struct dpdk_port *dpdk(rxtune_packet_port *port) { return (struct dpdk_port *)port; }

/// Of those that this process may run on.
static int first_cpu(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
      if (CPU_ISSET(cpu, &set))
        return cpu;
  return 0;
}

/// DPDK's environment, with a device of the driver. It takes no huge pages, no device of the host's
/// and no place for several processes; a process has it once.
static int start(const struct dpdk_port *p, const rxtune_packet_setup *setup) {
  char cpu[16], device[128];
  snprintf(cpu, sizeof cpu, "%d", first_cpu());
  if (p->is_alone)
    snprintf(device, sizeof device, "net_af_xdp0,iface=%s,start_queue=%u,force_copy=%d",
             p->device.ifr_name, setup->queue, !setup->zero_copy);
  else
    snprintf(device, sizeof device, "net_af_packet0,iface=%s,qdisc_bypass=1", p->device.ifr_name);
  char *arguments[] = {"rxtune-dpdk",    "-l",          cpu,
                       "--no-huge",      "-m",          "64",
                       "--no-pci",       "--no-shconf", "--no-telemetry",
                       "--log-level=4",  "--vdev",      device,
                       NULL};
  // libxdp and libbpf think aloud there.
  if (!freopen("/dev/null", "w", stderr))
    return errno;
  return rte_eal_init(sizeof arguments / sizeof *arguments - 1, arguments) < 0 ? rte_errno : 0;
}

static const char *set_up(struct dpdk_port *p, int *code) {
  const int place = SOCKET_ID_ANY;
  p->pool = rte_pktmbuf_pool_create("packets", BUFFERS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, place);
  if (!p->pool) {
    *code = rte_errno;
    return "make a pool of packets";
  }
  const struct rte_eth_conf configuration = {0};
  if ((*code = -rte_eth_dev_configure(p->number, 1, 1, &configuration)) != 0)
    return "configure a device of DPDK";
  if ((*code = -rte_eth_rx_queue_setup(p->number, 0, DESCRIPTORS, place, NULL, p->pool)) != 0 ||
      (*code = -rte_eth_tx_queue_setup(p->number, 0, DESCRIPTORS, place, NULL)) != 0)
    return "set up a queue of DPDK";
  if ((*code = -rte_eth_dev_start(p->number)) != 0)
    return "start a device of DPDK";
  return NULL;
}

int rxtune_packets_open(const char *way, rxtune_packet_setup *setup, rxtune_packet_port **port,
                        const char **step) {
  struct dpdk_port *p = calloc(1, sizeof *p);
  *step = "allocate";
  if (!p)
    return ENOMEM;
  p->port.io = &dpdk_io;
  p->address = setup->address;
  p->served = htons(setup->port);
  p->is_alone = strcmp(way, "af-xdp") == 0;
  *step = "find the device";
  p->port.descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (p->port.descriptor < 0 || !if_indextoname((unsigned)setup->ifindex, p->device.ifr_name))
    return errno;
  *step = "start DPDK";
  int code = start(p, setup);
  if (code != 0)
    return code;
  *step = "find a device of DPDK";
  if (rte_eth_dev_count_avail() == 0)
    return ENODEV;
  *step = set_up(p, &code);
  *port = &p->port;
  return *step ? code : 0;
}

/// DPDK polls: it sleeps for a moment, and looks whether the device is there.
int rxtune_packets_wait(rxtune_packet_port *const *ports, uint32_t count, int milliseconds) {
  if (milliseconds > 0)
    usleep(MICROSECONDS);
  for (uint32_t i = 0; i < count; i++) {
    struct dpdk_port *p = dpdk(ports[i]);
    ports[i]->calls += milliseconds > 0 ? 2 : 1;
    if (ioctl(ports[i]->descriptor, SIOCGIFFLAGS, &p->device) != 0)
      return ENODEV;
    if (!(p->device.ifr_flags & IFF_UP))
      return ENETDOWN;
  }
  return 0;
}

/// The driver hands over all that comes to the device.
static int is_ours(const struct dpdk_port *p, const uint8_t *frame, uint32_t length) {
  if (length < ETHERNET + 28)
    return 0;
  if (frame[12] == 0x08 && frame[13] == 0x06)
    return p->is_alone;
  return frame[12] == 0x08 && frame[13] == 0x00 && frame[14] == 0x45 && !(frame[20] & 0x3f) &&
         !frame[21] && frame[23] == IPPROTO_TCP && memcmp(frame + 30, &p->address, 4) == 0 &&
         memcmp(frame + 36, &p->served, 2) == 0;
}

static uint32_t receive(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct dpdk_port *p = dpdk(port);
  const uint16_t most = (uint16_t)(count < BURST ? count : BURST);
  const uint16_t got = rte_eth_rx_burst(p->number, 0, p->received, most);
  uint32_t ready = 0;
  for (uint16_t i = 0; i < got; i++) {
    struct rte_mbuf *packet = p->received[i];
    uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);
    const uint32_t length = rte_pktmbuf_data_len(packet);
    if (is_ours(p, frame, length)) {
      p->received[ready] = packet;
      packets[ready] = (rxtune_packet){frame, length, ready};
      ready++;
    } else
      rte_pktmbuf_free(packet);
  }
  return ready;
}

static void release(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    rte_pktmbuf_free(dpdk(port)->received[packets[i].place]);
}

static uint32_t reserve(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct dpdk_port *p = dpdk(port);
  uint32_t ready = 0;
  if (count > BURST - p->pending)
    count = BURST - p->pending;
  for (; ready < count; ready++) {
    // What was reserved and not sent is there still.
    struct rte_mbuf **slot = &p->to_send[p->pending + ready];
    if (!*slot && !(*slot = rte_pktmbuf_alloc(p->pool)))
      break;
    packets[ready] = (rxtune_packet){rte_pktmbuf_mtod(*slot, uint8_t *),
                                     rte_pktmbuf_tailroom(*slot), p->pending + ready};
  }
  return ready;
}

static void commit(rxtune_packet_port *port, const rxtune_packet *packets, uint32_t count) {
  struct dpdk_port *p = dpdk(port);
  for (uint32_t i = 0; i < count; i++) {
    struct rte_mbuf *packet = p->to_send[p->pending++];
    packet->data_len = (uint16_t)packets[i].length;
    packet->pkt_len = packets[i].length;
  }
}

static void flush(rxtune_packet_port *port) {
  struct dpdk_port *p = dpdk(port);
  const uint16_t sent = rte_eth_tx_burst(p->number, 0, p->to_send, (uint16_t)p->pending);
  // The device takes no more: what is left is lost.
  for (uint32_t i = sent; i < p->pending; i++)
    rte_pktmbuf_free(p->to_send[i]);
  port->unsent += p->pending - sent;
  memset(p->to_send, 0, p->pending * sizeof *p->to_send);
  p->pending = 0;
}

static uint64_t dropped(rxtune_packet_port *port) {
  struct rte_eth_stats numbers;
  return rte_eth_stats_get(dpdk(port)->number, &numbers) == 0 ? numbers.imissed : 0;
}

/// Else what a driver has attached to the device would stay there.
static void close_port(rxtune_packet_port *port) {
  rte_eth_dev_stop(dpdk(port)->number);
  rte_eth_dev_close(dpdk(port)->number);
  rte_eal_cleanup();
}

static const rxtune_packet_io dpdk_io = {"dpdk", NULL,  receive, release,   reserve,
                                      commit, flush, dropped, close_port};

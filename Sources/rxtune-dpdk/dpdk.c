// The ways of DPDK, in place of those of CKernel/PacketIO, for the program of rxtune-lwip: its
// drivers that sit on AF_XDP and AF_PACKET, and those that have a NIC to themselves ("pci").
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

enum { BURST = 64, DESCRIPTORS = 512, BUFFERS_A_QUEUE = 2048, ETHERNET = 14, MICROSECONDS = 50 };
/// Of the process, and what it waits for a NIC's link, in steps of 10 ms.
enum { PORTS = RXTUNE_PACKET_PORTS, LINK_STEPS = 500, ARGUMENTS = 16 + 2 * PORTS };

struct dpdk_port {
  rxtune_packet_port port;
  uint32_t address;
  uint16_t served;
  uint8_t protocol;
  /// Its device as DPDK counts them, and the queue of that.
  uint16_t number, queue;
  /// Does nobody else see what comes? Then it is answered where the address is asked for (ARP).
  int is_alone;
  /// Of the kernel's device; empty where DPDK has the NIC to itself.
  struct ifreq device;
  struct rte_mbuf *received[BURST];
  /// The first `pending` are to be sent; behind them may lie what was reserved.
  struct rte_mbuf *to_send[BURST];
  uint32_t pending;
};

static const rxtune_packet_io dpdk_io;

static struct rte_mempool *pool;
/// Of the process: DPDK starts with the first, and ends with the last.
static uint32_t open_ports;

static struct dpdk_port *dpdk(rxtune_packet_port *port) { return (struct dpdk_port *)port; }

// MARK: - Opening

/// Of those that this process may run on.
static int first_cpu(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
      if (CPU_ISSET(cpu, &set))
        return cpu;
  return 0;
}

/// DPDK's environment, with a device of the driver, or the NIC of that PCI address. It takes no other
/// device of the host's and no place for several processes, and huge pages for a NIC alone, whose
/// driver needs memory in one piece. A process has it once.
static int start(const char *way, const char *interface, const rxtune_packet_setup *setup) {
  static char texts[PORTS + 2][128];
  char *arguments[ARGUMENTS] = {"rxtune-dpdk", "-l", texts[0], "-m", texts[1], "--no-telemetry",
                                "--log-level=4"};
  int count = 7;
  snprintf(texts[0], sizeof texts[0], "%d", first_cpu());
  snprintf(texts[1], sizeof texts[1], "%u", setup->memory);
  if (strcmp(way, "pci") == 0) {
    arguments[count++] = "--in-memory";
    arguments[count++] = "-a";
    snprintf(texts[2], sizeof texts[2], "%s", setup->name);
    arguments[count++] = texts[2];
  } else {
    arguments[count++] = "--no-huge";
    arguments[count++] = "--no-pci";
    arguments[count++] = "--no-shconf";
    const int is_xdp = strcmp(way, "af-xdp") == 0;
    for (uint32_t i = 0; i < (is_xdp ? setup->queues : 1u) && i < PORTS; i++) {
      arguments[count++] = "--vdev";
      if (is_xdp)
        snprintf(texts[2 + i], sizeof texts[0], "net_af_xdp%u,iface=%s,start_queue=%u,force_copy=%d",
                 i, interface, setup->queue + i, !setup->zero_copy);
      else
        snprintf(texts[2 + i], sizeof texts[0], "net_af_packet0,iface=%s,qdisc_bypass=1", interface);
      arguments[count++] = texts[2 + i];
    }
  }
  // EAL, libxdp and libbpf think aloud there.
  if (!freopen("/dev/null", "w", stderr))
    return errno;
  return rte_eal_init(count, arguments) < 0 ? rte_errno : 0;
}

/// The queues of a device, all of them, and what spreads packets over them.
static const char *set_up(uint16_t number, uint16_t queues, const rxtune_packet_setup *setup,
                          int *code) {
  const int place = SOCKET_ID_ANY;
  struct rte_eth_dev_info info;
  if ((*code = -rte_eth_dev_info_get(number, &info)) != 0)
    return "ask a device of DPDK what it can";
  if (queues > info.max_rx_queues || queues > info.max_tx_queues) {
    *code = ERANGE;
    return "have so many queues of DPDK's driver";
  }
  struct rte_eth_conf configuration = {0};
  if (queues > 1) {
    configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    configuration.rx_adv_conf.rss_conf.rss_hf =
        info.flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP);
  }
  if ((*code = -rte_eth_dev_configure(number, queues, queues, &configuration)) != 0)
    return "configure a device of DPDK";
  uint16_t to_receive = DESCRIPTORS, to_send = DESCRIPTORS;
  if ((*code = -rte_eth_dev_adjust_nb_rx_tx_desc(number, &to_receive, &to_send)) != 0)
    return "size the rings of a device of DPDK";
  for (uint16_t i = 0; i < queues; i++)
    if ((*code = -rte_eth_rx_queue_setup(number, i, to_receive, place, NULL, pool)) != 0 ||
        (*code = -rte_eth_tx_queue_setup(number, i, to_send, place, NULL)) != 0)
      return "set up a queue of DPDK";
  if ((*code = -rte_eth_dev_start(number)) != 0)
    return "start a device of DPDK";
  if (!setup->name[0])
    return NULL;
  // The kernel may have called it by another address than its own.
  struct rte_ether_addr own, wanted;
  memcpy(&wanted, setup->mac, sizeof wanted);
  if (rte_eth_macaddr_get(number, &own) == 0 && memcmp(&own, &wanted, sizeof own) != 0 &&
      (*code = -rte_eth_dev_default_mac_addr_set(number, &wanted)) != 0)
    return "give the device its address";
  struct rte_eth_link link = {0};
  for (int i = 0; i < LINK_STEPS && !link.link_status; i++) {
    if (i > 0)
      usleep(10000);
    rte_eth_link_get_nowait(number, &link);
  }
  return NULL;
}

/// All devices, with the process's first port.
static const char *start_all(const char *way, const char *interface,
                             const rxtune_packet_setup *setup, int *code) {
  if ((*code = start(way, interface, setup)) != 0)
    return "start DPDK";
  const uint16_t devices = rte_eth_dev_count_avail();
  if (devices == 0) {
    *code = ENODEV;
    return "find a driver of DPDK for the device";
  }
  pool = rte_pktmbuf_pool_create("packets", setup->queues * BUFFERS_A_QUEUE + 2047, 256, 0,
                                 RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  if (!pool) {
    *code = rte_errno;
    return "make a pool of packets";
  }
  for (uint16_t i = 0; i < devices; i++) {
    const char *step = set_up(i, setup->name[0] ? setup->queues : 1, setup, code);
    if (step)
      return step;
  }
  return NULL;
}

int rxtune_packets_open(const char *way, rxtune_packet_setup *setup, rxtune_packet_port **port,
                        const char **step) {
  struct dpdk_port *p = calloc(1, sizeof *p);
  int code = 0;
  *step = "allocate";
  if (!p)
    return ENOMEM;
  p->port.io = &dpdk_io;
  p->port.descriptor = -1;
  p->address = setup->address;
  p->served = htons(setup->port);
  p->protocol = setup->protocol;
  p->is_alone = strcmp(way, "af-packet") != 0;
  // The drivers that the kernel's devices have take a queue each; a NIC's has all of them.
  *(setup->name[0] ? &p->queue : &p->number) = (uint16_t)open_ports;
  if (!setup->name[0]) {
    *step = "find the device";
    p->port.descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (p->port.descriptor < 0 || !if_indextoname((unsigned)setup->ifindex, p->device.ifr_name))
      return errno;
  }
  *step = open_ports == 0 ? start_all(way, p->device.ifr_name, setup, &code) : NULL;
  if (*step)
    return code;
  open_ports++;
  *port = &p->port;
  return 0;
}

// MARK: - Packets

/// DPDK polls: it sleeps for a moment, and looks whether the device is there.
int rxtune_packets_wait(rxtune_packet_port *const *ports, uint32_t count, int milliseconds) {
  if (milliseconds > 0)
    usleep(MICROSECONDS);
  ports[0]->calls += milliseconds > 0;
  // All are of one device.
  struct dpdk_port *p = dpdk(ports[0]);
  if (p->port.descriptor < 0)
    return rte_eth_dev_is_removed(p->number) ? ENODEV : 0;
  ports[0]->calls++;
  if (ioctl(p->port.descriptor, SIOCGIFFLAGS, &p->device) != 0)
    return ENODEV;
  return p->device.ifr_flags & IFF_UP ? 0 : ENETDOWN;
}

/// The driver hands over all that comes to the device.
static int is_ours(const struct dpdk_port *p, const uint8_t *frame, uint32_t length) {
  if (length < ETHERNET + 28)
    return 0;
  if (frame[12] == 0x08 && frame[13] == 0x06)
    return p->is_alone;
  return frame[12] == 0x08 && frame[13] == 0x00 && frame[14] == 0x45 && !(frame[20] & 0x3f) &&
         !frame[21] && frame[23] == p->protocol && memcmp(frame + 30, &p->address, 4) == 0 &&
         memcmp(frame + 36, &p->served, 2) == 0;
}

static uint32_t receive(rxtune_packet_port *port, rxtune_packet *packets, uint32_t count) {
  struct dpdk_port *p = dpdk(port);
  const uint16_t most = (uint16_t)(count < BURST ? count : BURST);
  const uint16_t got = rte_eth_rx_burst(p->number, p->queue, p->received, most);
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
    if (!*slot && !(*slot = rte_pktmbuf_alloc(pool)))
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
  const uint16_t sent = rte_eth_tx_burst(p->number, p->queue, p->to_send, (uint16_t)p->pending);
  // The device takes no more: what is left is lost.
  for (uint32_t i = sent; i < p->pending; i++)
    rte_pktmbuf_free(p->to_send[i]);
  port->unsent += p->pending - sent;
  memset(p->to_send, 0, p->pending * sizeof *p->to_send);
  p->pending = 0;
}

static uint64_t dropped(rxtune_packet_port *port) {
  struct rte_eth_stats numbers;
  // The device's, once.
  if (dpdk(port)->queue > 0)
    return 0;
  return rte_eth_stats_get(dpdk(port)->number, &numbers) == 0 ? numbers.imissed : 0;
}

/// Else what a driver has attached to the device would stay there.
static void close_port(rxtune_packet_port *port) {
  if (dpdk(port)->queue == 0) {
    rte_eth_dev_stop(dpdk(port)->number);
    rte_eth_dev_close(dpdk(port)->number);
  }
  if (--open_ports == 0)
    rte_eal_cleanup();
}

static const rxtune_packet_io dpdk_io = {"dpdk", NULL,  receive, release,   reserve,
                                      commit, flush, dropped, close_port};

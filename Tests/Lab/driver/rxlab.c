// SPDX-License-Identifier: GPL-2.0
/*
 * rxlab: a NIC that exists only in memory, for testing. It has what no NIC of QEMU has: ntuple
 * rules, RSS contexts, per-queue coalescing, and (on kernels that can tell) queue, NAPI and
 * interrupt joined by the kernel itself. A frame sent to it comes back on the queue that its rules
 * and tables choose: interrupt, NAPI poll, stack, as with hardware.
 *
 * Faults, under /sys/module/rxlab/parameters: the operation named in `fail` returns -`fail_errno`
 * after `fail_skip` successes; the one named in `lie` reports success and does nothing; every change
 * takes `delay_ms`. Traffic comes in bursts of `burst` frames: a ring of fewer entries misses every
 * fourth frame, or has the other side pause where that is on. Every `damage`th frame arrives damaged.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/version.h>
#include <net/dst.h>
#include <net/flow_dissector.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <net/netdev_queues.h>
#endif

#define QUEUES 8
#define TABLE 128
#define KEY 40
#define RULES 64
#define CONTEXTS 8

static char fail[32], lie[32];
static int fail_errno = EIO, fail_skip, delay_ms, burst, damage;
module_param_string(fail, fail, sizeof(fail), 0644);
module_param_string(lie, lie, sizeof(lie), 0644);
module_param(fail_errno, int, 0644);
module_param(fail_skip, int, 0644);
module_param(delay_ms, int, 0644);
module_param(burst, int, 0644);
module_param(damage, int, 0644);

struct context {
	bool used;
	u32 table[TABLE];
	u8 key[KEY];
	u8 hfunc, transform; /* RXH_XFRM_ */
	u64 fields[IPV6_FLOW + 1]; /* RXH_ bits, by flow type */
};

struct rule {
	bool used;
	struct ethtool_rx_flow_spec spec;
	u32 context;
};

struct queue {
	struct net_device *device;
	struct napi_struct napi;
	struct sk_buff_head packets;
	struct ethtool_coalesce coalesce;
	char name[IFNAMSIZ + 8];
	u64 received, bytes;
	int irq;
};

struct rxlab {
	unsigned int count;
	u32 rx_ring, tx_ring, flags;
	u64 dropped, arrived, pauses;
	u32 cqe_frames, cqe_nsecs;
	struct ethtool_pauseparam pause;
	struct rule rules[RULES];
	struct context contexts[CONTEXTS];
	struct queue queues[QUEUES];
};

static struct net_device *device;

/* Since 6.17 a context may have fields of its own, and RSS is set by netlink: there it all is. */
#define RSS_NETLINK (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0))

/* Returns the error that a test planned, or 1 to report success and do nothing. */
static int planned(const char *operation)
{
	if (delay_ms)
		msleep(delay_ms);
	if (!strcmp(strim(fail), operation) && fail_skip-- <= 0)
		return -fail_errno;
	return !strcmp(strim(lie), operation);
}

#define PLANNED(operation) do { \
	int outcome = planned(operation); \
	if (outcome) \
		return min(outcome, 0); \
} while (0)

/* ---- the receive path ---- */

struct tuple {
	int type; /* flow type, as ethtool numbers them */
	int size; /* of an address */
	u8 addresses[32]; /* source, destination */
	__be16 ports[2];
	struct ethhdr eth;
};

static bool dissect(struct sk_buff *skb, struct tuple *t)
{
	struct flow_keys keys;
	bool v6, tcp, udp;

	memset(t, 0, sizeof(*t));
	t->eth = *(struct ethhdr *)skb->data;
	if (!skb_flow_dissect_flow_keys(skb, &keys, 0))
		return false;
	v6 = keys.control.addr_type == FLOW_DISSECTOR_KEY_IPV6_ADDRS;
	if (!v6 && keys.control.addr_type != FLOW_DISSECTOR_KEY_IPV4_ADDRS)
		return false;
	t->size = v6 ? 16 : 4;
	memcpy(t->addresses, v6 ? (void *)&keys.addrs.v6addrs.src : (void *)&keys.addrs.v4addrs.src, t->size);
	memcpy(t->addresses + t->size, v6 ? (void *)&keys.addrs.v6addrs.dst : (void *)&keys.addrs.v4addrs.dst, t->size);
	tcp = keys.basic.ip_proto == IPPROTO_TCP;
	udp = keys.basic.ip_proto == IPPROTO_UDP;
	if (tcp)
		t->type = v6 ? TCP_V6_FLOW : TCP_V4_FLOW;
	else if (udp)
		t->type = v6 ? UDP_V6_FLOW : UDP_V4_FLOW;
	else
		t->type = v6 ? IPV6_FLOW : IPV4_FLOW;
	t->ports[0] = keys.ports.src;
	t->ports[1] = keys.ports.dst;
	return true;
}

#if RSS_NETLINK
/* Both directions of a flow made one: RXH_XFRM_SYM_XOR and RXH_XFRM_SYM_OR_XOR. */
static void fold(u8 *source, u8 *destination, int size, u8 transform)
{
	for (; size--; source++, destination++) {
		u8 either = *source | *destination;

		*destination ^= *source;
		*source = transform & RXH_XFRM_SYM_XOR ? *destination : either;
	}
}
#endif

static u32 hash(const struct context *c, struct tuple *t, u64 fields)
{
	u8 data[36];
	int length = 0, bit;
	u32 result = 0;

#if RSS_NETLINK
	if (c->transform) {
		fold(t->addresses, t->addresses + t->size, t->size, c->transform);
		fold((u8 *)&t->ports[0], (u8 *)&t->ports[1], 2, c->transform);
	}
#endif
	if (fields & RXH_IP_SRC)
		memcpy(data, t->addresses, t->size), length += t->size;
	if (fields & RXH_IP_DST)
		memcpy(data + length, t->addresses + t->size, t->size), length += t->size;
	if (fields & RXH_L4_B_0_1)
		memcpy(data + length, &t->ports[0], 2), length += 2;
	if (fields & RXH_L4_B_2_3)
		memcpy(data + length, &t->ports[1], 2), length += 2;
	if (c->hfunc == ETH_RSS_HASH_XOR) {
		for (bit = 0; bit < length; bit++)
			result ^= data[bit];
		return result;
	}
	/* Toeplitz: the 32 bits of the key that begin at each set bit of the data. */
	for (bit = 0; bit < length * 8; bit++) {
		u64 window = 0;
		int i;

		if (!(data[bit / 8] & (0x80 >> (bit % 8))))
			continue;
		for (i = 0; i < 5; i++)
			window = window << 8 | (bit / 8 + i < KEY ? c->key[bit / 8 + i] : 0);
		result ^= (u32)(window >> (8 - bit % 8));
	}
	return result;
}

static bool matches(const struct ethtool_rx_flow_spec *s, const struct tuple *t)
{
	const struct ethtool_tcpip4_spec *v4 = &s->h_u.tcp_ip4_spec, *m4 = &s->m_u.tcp_ip4_spec;
	const struct ethtool_tcpip6_spec *v6 = &s->h_u.tcp_ip6_spec, *m6 = &s->m_u.tcp_ip6_spec;
	int type = s->flow_type & ~(FLOW_RSS | FLOW_EXT | FLOW_MAC_EXT), i;
	const __be32 *address = (const __be32 *)t->addresses;

	if (type == ETHER_FLOW) {
		const u8 *value = (const u8 *)&s->h_u.ether_spec, *mask = (const u8 *)&s->m_u.ether_spec;

		for (i = 0; i < ETH_HLEN; i++)
			if ((((const u8 *)&t->eth)[i] ^ value[i]) & mask[i])
				return false;
		return true;
	}
	if (type != t->type)
		return false;
	switch (type) {
	case TCP_V4_FLOW:
	case UDP_V4_FLOW:
		return !((address[0] ^ v4->ip4src) & m4->ip4src) && !((address[1] ^ v4->ip4dst) & m4->ip4dst) &&
		       !((t->ports[0] ^ v4->psrc) & m4->psrc) && !((t->ports[1] ^ v4->pdst) & m4->pdst);
	case TCP_V6_FLOW:
	case UDP_V6_FLOW:
		for (i = 0; i < 4; i++)
			if (((address[i] ^ v6->ip6src[i]) & m6->ip6src[i]) ||
			    ((address[4 + i] ^ v6->ip6dst[i]) & m6->ip6dst[i]))
				return false;
		return !((t->ports[0] ^ v6->psrc) & m6->psrc) && !((t->ports[1] ^ v6->pdst) & m6->pdst);
	}
	return false;
}

/* The hashed fields of a context: the device's, where it cannot have its own. */
static u64 *fields_of(struct rxlab *nic, const struct context *c)
{
	return nic->contexts[RSS_NETLINK ? c - nic->contexts : 0].fields;
}

/* The queue of a frame, or -1 to drop it. */
static int classify(struct rxlab *nic, struct sk_buff *skb)
{
	const struct context *c = &nic->contexts[0];
	struct tuple t;
	bool ip = dissect(skb, &t);
	u32 offset = 0;
	int i;

	for (i = 0; (device->features & NETIF_F_NTUPLE) && i < RULES; i++) {
		const struct rule *rule = &nic->rules[i];

		if (!rule->used || !matches(&rule->spec, &t))
			continue;
		if (rule->spec.ring_cookie == RX_CLS_FLOW_DISC)
			return -1;
		if (!(rule->spec.flow_type & FLOW_RSS))
			return ethtool_get_flow_spec_ring(rule->spec.ring_cookie);
		c = &nic->contexts[rule->context];
		offset = rule->spec.ring_cookie;
		break;
	}
	if (!ip)
		return 0;
	return (c->table[hash(c, &t, fields_of(nic, c)[t.type]) % TABLE] + offset) % nic->count;
}

/* Whether a frame gets into a ring. */
static bool arrives(struct rxlab *nic)
{
	nic->arrived++;
	if (damage && nic->arrived % damage == 0) {
		device->stats.rx_errors++;
		device->stats.rx_crc_errors++;
		return false;
	}
	if (nic->rx_ring >= burst || nic->arrived % 4)
		return true;
	if (nic->pause.tx_pause)
		nic->pauses++;
	else
		device->stats.rx_missed_errors++;
	return nic->pause.tx_pause;
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct rxlab *nic = netdev_priv(dev);
	int index = classify(nic, skb);

	if (index < 0)
		nic->dropped++;
	if (index < 0 || !arrives(nic)) {
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb->protocol = eth_type_trans(skb, dev);
	skb_record_rx_queue(skb, index);
	skb_queue_tail(&nic->queues[index].packets, skb);
	generic_handle_irq_safe(nic->queues[index].irq);
	return NETDEV_TX_OK;
}

static irqreturn_t handle(int irq, void *data)
{
	struct queue *q = data;

	napi_schedule(&q->napi);
	return IRQ_HANDLED;
}

static int poll(struct napi_struct *napi, int budget)
{
	struct queue *q = container_of(napi, struct queue, napi);
	struct sk_buff *skb;
	int work = 0;

	while (work < budget && (skb = skb_dequeue(&q->packets))) {
		q->received++;
		q->bytes += skb->len + ETH_HLEN;
		q->device->stats.rx_packets++;
		q->device->stats.rx_bytes += skb->len + ETH_HLEN;
		napi_gro_receive(napi, skb);
		work++;
	}
	if (work < budget)
		napi_complete_done(napi, work);
	return work;
}

/* An interrupt line without hardware: it takes any affinity. */
static int set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	irq_data_update_effective_affinity(data, cpumask_of(cpumask_first_and(mask, cpu_online_mask)));
	return IRQ_SET_MASK_OK;
}

static void ignore(struct irq_data *data)
{
}

static struct irq_chip chip = {
	.name = "rxlab", .irq_set_affinity = set_affinity,
	.irq_ack = ignore, .irq_mask = ignore, .irq_unmask = ignore,
};

static int open(struct net_device *dev)
{
	struct rxlab *nic = netdev_priv(dev);
	int i, error;

	for (i = 0; i < QUEUES; i++) {
		struct queue *q = &nic->queues[i];

		snprintf(q->name, sizeof(q->name), "%s-rx-%d", dev->name, i);
		error = request_irq(q->irq, handle, 0, q->name, q);
		if (error)
			return error;
		napi_enable(&q->napi);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
		netif_napi_set_irq(&q->napi, q->irq);
		if (i < nic->count)
			netif_queue_set_napi(dev, i, NETDEV_QUEUE_TYPE_RX, &q->napi);
#endif
	}
	netif_tx_start_all_queues(dev);
	netif_carrier_on(dev);
	return 0;
}

static int stop(struct net_device *dev)
{
	struct rxlab *nic = netdev_priv(dev);
	int i;

	netif_carrier_off(dev);
	netif_tx_stop_all_queues(dev);
	for (i = 0; i < QUEUES; i++) {
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
		if (i < nic->count)
			netif_queue_set_napi(dev, i, NETDEV_QUEUE_TYPE_RX, NULL);
#endif
		napi_disable(&nic->queues[i].napi);
		free_irq(nic->queues[i].irq, &nic->queues[i]);
		skb_queue_purge(&nic->queues[i].packets);
	}
	return 0;
}

static const struct net_device_ops device_operations = {
	.ndo_open = open, .ndo_stop = stop, .ndo_start_xmit = start_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

/* ---- its settings ---- */

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "rxlab", sizeof(info->driver));
	strscpy(info->bus_info, "memory", sizeof(info->bus_info));
}

static void spread(struct rxlab *nic, struct context *c)
{
	int i;

	for (i = 0; i < TABLE; i++)
		c->table[i] = ethtool_rxfh_indir_default(i, nic->count);
}

static void get_channels(struct net_device *dev, struct ethtool_channels *c)
{
	struct rxlab *nic = netdev_priv(dev);

	c->max_combined = QUEUES;
	c->combined_count = nic->count;
}

static int set_channels(struct net_device *dev, struct ethtool_channels *c)
{
	struct rxlab *nic = netdev_priv(dev);
	int error;

	PLANNED("set_channels");
	error = netif_set_real_num_queues(dev, c->combined_count, c->combined_count);
	if (error)
		return error;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	for (int i = 0; i < c->combined_count && netif_running(dev); i++)
		netif_queue_set_napi(dev, i, NETDEV_QUEUE_TYPE_RX, &nic->queues[i].napi);
#endif
	nic->count = c->combined_count;
	if (!netif_is_rxfh_configured(dev))
		spread(nic, &nic->contexts[0]);
	return 0;
}

static void get_ringparam(struct net_device *dev, struct ethtool_ringparam *r,
			  struct kernel_ethtool_ringparam *kernel, struct netlink_ext_ack *extack)
{
	struct rxlab *nic = netdev_priv(dev);

	r->rx_max_pending = r->tx_max_pending = 8192;
	r->rx_pending = nic->rx_ring;
	r->tx_pending = nic->tx_ring;
}

/* Rounds up to a power of two, as many drivers do. */
static int set_ringparam(struct net_device *dev, struct ethtool_ringparam *r,
			 struct kernel_ethtool_ringparam *kernel, struct netlink_ext_ack *extack)
{
	struct rxlab *nic = netdev_priv(dev);

	PLANNED("set_ringparam");
	if (r->rx_pending < 64 || r->tx_pending < 64) {
		NL_SET_ERR_MSG(extack, "rings hold at least 64 descriptors");
		return -EINVAL;
	}
	nic->rx_ring = roundup_pow_of_two(r->rx_pending);
	nic->tx_ring = roundup_pow_of_two(r->tx_pending);
	return 0;
}

static int get_per_queue_coalesce(struct net_device *dev, u32 index, struct ethtool_coalesce *c)
{
	struct rxlab *nic = netdev_priv(dev);

	if (index >= nic->count)
		return -EINVAL;
	*c = nic->queues[index].coalesce;
	return 0;
}

static int set_per_queue_coalesce(struct net_device *dev, u32 index, struct ethtool_coalesce *c)
{
	struct rxlab *nic = netdev_priv(dev);

	PLANNED("set_per_queue_coalesce");
	if (index >= nic->count)
		return -EINVAL;
	nic->queues[index].coalesce = *c;
	return 0;
}

static int get_coalesce(struct net_device *dev, struct ethtool_coalesce *c,
			struct kernel_ethtool_coalesce *kernel, struct netlink_ext_ack *extack)
{
#ifdef ETHTOOL_COALESCE_RX_CQE_FRAMES
	kernel->rx_cqe_frames = ((struct rxlab *)netdev_priv(dev))->cqe_frames;
	kernel->rx_cqe_nsecs = ((struct rxlab *)netdev_priv(dev))->cqe_nsecs;
#endif
	return get_per_queue_coalesce(dev, 0, c);
}

static int set_coalesce(struct net_device *dev, struct ethtool_coalesce *c,
			struct kernel_ethtool_coalesce *kernel, struct netlink_ext_ack *extack)
{
	struct rxlab *nic = netdev_priv(dev);
	int i;

	PLANNED("set_coalesce");
	for (i = 0; i < QUEUES; i++)
		nic->queues[i].coalesce = *c;
#ifdef ETHTOOL_COALESCE_RX_CQE_FRAMES
	nic->cqe_frames = kernel->rx_cqe_frames;
	nic->cqe_nsecs = kernel->rx_cqe_nsecs;
#endif
	return 0;
}

static void get_pauseparam(struct net_device *dev, struct ethtool_pauseparam *p)
{
	*p = ((struct rxlab *)netdev_priv(dev))->pause;
}

static void get_pause_stats(struct net_device *dev, struct ethtool_pause_stats *s)
{
	s->tx_pause_frames = ((struct rxlab *)netdev_priv(dev))->pauses;
}

static int set_pauseparam(struct net_device *dev, struct ethtool_pauseparam *p)
{
	PLANNED("set_pauseparam");
	((struct rxlab *)netdev_priv(dev))->pause = *p;
	return 0;
}

static const char flag_names[][ETH_GSTRING_LEN] = { "legacy-rx", "rx_striding_rq" };

static int get_sset_count(struct net_device *dev, int set)
{
	switch (set) {
	case ETH_SS_PRIV_FLAGS:
		return ARRAY_SIZE(flag_names);
	case ETH_SS_STATS:
		return 2 * QUEUES + 1;
	}
	return -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *buffer)
{
	int i;

	if (set == ETH_SS_PRIV_FLAGS)
		memcpy(buffer, flag_names, sizeof(flag_names));
	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < QUEUES; i++) {
		ethtool_sprintf(&buffer, "rx_queue_%d_packets", i);
		ethtool_sprintf(&buffer, "rx_queue_%d_bytes", i);
	}
	ethtool_sprintf(&buffer, "rx_rule_drops");
}

static void get_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *values)
{
	struct rxlab *nic = netdev_priv(dev);
	int i;

	for (i = 0; i < QUEUES; i++) {
		*values++ = nic->queues[i].received;
		*values++ = nic->queues[i].bytes;
	}
	*values = nic->dropped;
}

static u32 get_priv_flags(struct net_device *dev)
{
	return ((struct rxlab *)netdev_priv(dev))->flags;
}

static int set_priv_flags(struct net_device *dev, u32 flags)
{
	PLANNED("set_priv_flags");
	((struct rxlab *)netdev_priv(dev))->flags = flags;
	return 0;
}

static u32 get_rxfh_key_size(struct net_device *dev)
{
	return KEY;
}

static u32 get_rxfh_indir_size(struct net_device *dev)
{
	return TABLE;
}

static int get_fields(struct rxlab *nic, u32 context, u32 type, u64 *fields)
{
	if (type > IPV6_FLOW || !nic->contexts[0].fields[type])
		return -EOPNOTSUPP;
	*fields = nic->contexts[context].fields[type];
	return 0;
}

static int set_fields(struct rxlab *nic, u32 context, u32 type, u64 fields)
{
	PLANNED("set_rxfh_fields");
	if (type > IPV6_FLOW || !nic->contexts[0].fields[type] ||
	    fields & ~(RXH_IP_SRC | RXH_IP_DST | RXH_L4_B_0_1 | RXH_L4_B_2_3))
		return -EINVAL;
	nic->contexts[context].fields[type] = fields;
	return 0;
}

static int get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *c, u32 *locations)
{
	struct rxlab *nic = netdev_priv(dev);
	u32 i, count = 0;

	switch (c->cmd) {
	case ETHTOOL_GRXRINGS:
		c->data = nic->count;
		return 0;
	case ETHTOOL_GRXFH:
		return get_fields(nic, 0, c->flow_type, &c->data);
	case ETHTOOL_GRXCLSRLCNT:
		for (i = 0; i < RULES; i++)
			count += nic->rules[i].used;
		c->rule_cnt = count;
		c->data = RULES | RX_CLS_LOC_SPECIAL;
		return 0;
	case ETHTOOL_GRXCLSRULE:
		if (c->fs.location >= RULES || !nic->rules[c->fs.location].used)
			return -ENOENT;
		c->rss_context = nic->rules[c->fs.location].context;
		c->fs = nic->rules[c->fs.location].spec;
		return 0;
	case ETHTOOL_GRXCLSRLALL:
		c->data = RULES;
		for (i = 0; i < RULES; i++) {
			if (!nic->rules[i].used)
				continue;
			if (count == c->rule_cnt)
				return -EMSGSIZE;
			locations[count++] = i;
		}
		c->rule_cnt = count;
		return 0;
	}
	return -EOPNOTSUPP;
}

static int add_rule(struct rxlab *nic, struct ethtool_rxnfc *c)
{
	u32 location = c->fs.location;

	PLANNED("rule_add");
	if (c->fs.flow_type & FLOW_RSS) {
		if (c->rss_context >= CONTEXTS || !nic->contexts[c->rss_context].used)
			return -ENOENT;
	} else if (c->fs.ring_cookie != RX_CLS_FLOW_DISC &&
		   ethtool_get_flow_spec_ring(c->fs.ring_cookie) >= nic->count) {
		return -EINVAL;
	}
	if (location & RX_CLS_LOC_SPECIAL)
		for (location = 0; location < RULES && nic->rules[location].used; location++)
			;
	if (location >= RULES)
		return -ENOSPC;
	c->fs.location = location;
	nic->rules[location] = (struct rule){
		.used = true, .spec = c->fs,
		.context = c->fs.flow_type & FLOW_RSS ? c->rss_context : 0,
	};
	return 0;
}

static int set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *c)
{
	struct rxlab *nic = netdev_priv(dev);

	switch (c->cmd) {
	case ETHTOOL_SRXFH:
		return set_fields(nic, 0, c->flow_type, c->data);
	case ETHTOOL_SRXCLSRLINS:
		return add_rule(nic, c);
	case ETHTOOL_SRXCLSRLDEL:
		PLANNED("rule_delete");
		if (c->fs.location >= RULES || !nic->rules[c->fs.location].used)
			return -ENOENT;
		nic->rules[c->fs.location].used = false;
		return 0;
	}
	return -EOPNOTSUPP;
}

static void copy_out(const struct context *c, u32 *table, u8 *key, u8 *hfunc)
{
	if (table)
		memcpy(table, c->table, sizeof(c->table));
	if (key)
		memcpy(key, c->key, KEY);
	if (hfunc)
		*hfunc = c->hfunc;
}

static int copy_in(struct context *c, const u32 *table, const u8 *key, u8 hfunc)
{
	if (hfunc && hfunc != ETH_RSS_HASH_TOP && hfunc != ETH_RSS_HASH_XOR)
		return -EOPNOTSUPP;
	if (table)
		memcpy(c->table, table, sizeof(c->table));
	if (key)
		memcpy(c->key, key, KEY);
	if (hfunc)
		c->hfunc = hfunc;
	return 0;
}

/* A new context begins as the default one, evenly spread. */
static void begin_context(struct rxlab *nic, struct context *c)
{
	*c = nic->contexts[0];
	c->used = true;
	spread(nic, c);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
static int get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *p)
{
	struct rxlab *nic = netdev_priv(dev);

	copy_out(&nic->contexts[p->rss_context], p->indir, p->key, &p->hfunc);
	p->input_xfrm = nic->contexts[p->rss_context].transform;
	return 0;
}

static int change(struct context *c, const struct ethtool_rxfh_param *p)
{
	int error = copy_in(c, p->indir, p->key, p->hfunc);

	if (!error && p->input_xfrm != RXH_XFRM_NO_CHANGE)
		c->transform = p->input_xfrm;
	return error;
}

static int set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *p, struct netlink_ext_ack *extack)
{
	struct rxlab *nic = netdev_priv(dev);

	PLANNED("set_rxfh");
	return change(&nic->contexts[0], p);
}

static int create_rxfh_context(struct net_device *dev, struct ethtool_rxfh_context *ctx,
			       const struct ethtool_rxfh_param *p, struct netlink_ext_ack *extack)
{
	struct rxlab *nic = netdev_priv(dev);
	struct context *c = &nic->contexts[p->rss_context];
	int error;

	PLANNED("create_rxfh_context");
	begin_context(nic, c);
	error = change(c, p);
	if (error) {
		c->used = false;
		return error;
	}
	copy_out(c, ethtool_rxfh_context_indir(ctx), ethtool_rxfh_context_key(ctx), &ctx->hfunc);
	ctx->input_xfrm = c->transform;
	return 0;
}

static int modify_rxfh_context(struct net_device *dev, struct ethtool_rxfh_context *ctx,
			       const struct ethtool_rxfh_param *p, struct netlink_ext_ack *extack)
{
	struct rxlab *nic = netdev_priv(dev);

	PLANNED("modify_rxfh_context");
	return change(&nic->contexts[p->rss_context], p);
}

static int remove_rxfh_context(struct net_device *dev, struct ethtool_rxfh_context *ctx, u32 id,
			       struct netlink_ext_ack *extack)
{
	struct rxlab *nic = netdev_priv(dev);

	PLANNED("remove_rxfh_context");
	nic->contexts[id].used = false;
	return 0;
}

#if RSS_NETLINK
#define CONTEXT(f) ((f)->rss_context)
#else
#define CONTEXT(f) 0
#endif

/* Mainline has these two since 6.17; Debian's 6.12 carries them. */
static int get_rxfh_fields(struct net_device *dev, struct ethtool_rxfh_fields *f)
{
	u64 fields;
	int error = get_fields(netdev_priv(dev), CONTEXT(f), f->flow_type, &fields);

	f->data = error ? 0 : fields;
	return error;
}

static int set_rxfh_fields(struct net_device *dev, const struct ethtool_rxfh_fields *f,
			   struct netlink_ext_ack *extack)
{
	return set_fields(netdev_priv(dev), CONTEXT(f), f->flow_type, f->data);
}
#else
static int get_rxfh(struct net_device *dev, u32 *table, u8 *key, u8 *hfunc)
{
	struct rxlab *nic = netdev_priv(dev);

	copy_out(&nic->contexts[0], table, key, hfunc);
	return 0;
}

static int set_rxfh(struct net_device *dev, const u32 *table, const u8 *key, const u8 hfunc)
{
	struct rxlab *nic = netdev_priv(dev);

	PLANNED("set_rxfh");
	return copy_in(&nic->contexts[0], table, key, hfunc);
}

static int get_rxfh_context(struct net_device *dev, u32 *table, u8 *key, u8 *hfunc, u32 id)
{
	struct rxlab *nic = netdev_priv(dev);

	if (id >= CONTEXTS || !nic->contexts[id].used)
		return -ENOENT;
	copy_out(&nic->contexts[id], table, key, hfunc);
	return 0;
}

static int set_rxfh_context(struct net_device *dev, const u32 *table, const u8 *key, const u8 hfunc,
			    u32 *id, bool delete)
{
	struct rxlab *nic = netdev_priv(dev);
	bool new = *id == ETH_RXFH_CONTEXT_ALLOC;

	PLANNED(new ? "create_rxfh_context" : delete ? "remove_rxfh_context" : "modify_rxfh_context");
	if (new) {
		for (*id = 1; *id < CONTEXTS && nic->contexts[*id].used; ++*id)
			;
		if (*id == CONTEXTS)
			return -ENOSPC;
		begin_context(nic, &nic->contexts[*id]);
	}
	if (*id >= CONTEXTS || !nic->contexts[*id].used)
		return -ENOENT;
	if (delete)
		nic->contexts[*id].used = false;
	return delete ? 0 : copy_in(&nic->contexts[*id], table, key, hfunc);
}
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
static u32 get_rx_ring_count(struct net_device *dev)
{
	return ((struct rxlab *)netdev_priv(dev))->count;
}
#endif

static const struct ethtool_ops settings = {
	.supported_coalesce_params = ETHTOOL_COALESCE_USECS | ETHTOOL_COALESCE_MAX_FRAMES |
				     ETHTOOL_COALESCE_USE_ADAPTIVE
#ifdef ETHTOOL_COALESCE_RX_CQE_FRAMES
				     | ETHTOOL_COALESCE_RX_CQE_FRAMES | ETHTOOL_COALESCE_RX_CQE_NSECS
#endif
	,
	.get_drvinfo = get_drvinfo, .get_link = ethtool_op_get_link,
	.get_channels = get_channels, .set_channels = set_channels,
	.get_ringparam = get_ringparam, .set_ringparam = set_ringparam,
	.get_coalesce = get_coalesce, .set_coalesce = set_coalesce,
	.get_per_queue_coalesce = get_per_queue_coalesce, .set_per_queue_coalesce = set_per_queue_coalesce,
	.get_pauseparam = get_pauseparam, .set_pauseparam = set_pauseparam,
	.get_pause_stats = get_pause_stats,
	.get_sset_count = get_sset_count, .get_strings = get_strings,
	.get_ethtool_stats = get_ethtool_stats,
	.get_priv_flags = get_priv_flags, .set_priv_flags = set_priv_flags,
	.get_rxfh_key_size = get_rxfh_key_size, .get_rxfh_indir_size = get_rxfh_indir_size,
	.get_rxfh = get_rxfh, .set_rxfh = set_rxfh,
	.get_rxnfc = get_rxnfc, .set_rxnfc = set_rxnfc,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	.rxfh_max_num_contexts = CONTEXTS, .rxfh_per_ctx_key = 1, .cap_rss_rxnfc_adds = 1,
	.create_rxfh_context = create_rxfh_context, .modify_rxfh_context = modify_rxfh_context,
	.remove_rxfh_context = remove_rxfh_context,
	.get_rxfh_fields = get_rxfh_fields, .set_rxfh_fields = set_rxfh_fields,
#if RSS_NETLINK
	.rxfh_per_ctx_fields = 1, .supported_input_xfrm = RXH_XFRM_SYM_XOR | RXH_XFRM_SYM_OR_XOR,
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	.get_rx_ring_count = get_rx_ring_count,
#endif
#else
	.get_rxfh_context = get_rxfh_context, .set_rxfh_context = set_rxfh_context,
#endif
};

/* ---- the module ---- */

static void set_up(struct rxlab *nic, int irq)
{
	const u64 addresses = RXH_IP_SRC | RXH_IP_DST, ports = RXH_L4_B_0_1 | RXH_L4_B_2_3;
	u64 *fields = nic->contexts[0].fields;
	int i;

	nic->count = QUEUES;
	nic->rx_ring = nic->tx_ring = 512;
	nic->pause.rx_pause = 1;
	nic->contexts[0].used = true;
	nic->contexts[0].hfunc = ETH_RSS_HASH_TOP;
	get_random_bytes(nic->contexts[0].key, KEY);
	spread(nic, &nic->contexts[0]);
	fields[TCP_V4_FLOW] = fields[TCP_V6_FLOW] = addresses | ports;
	fields[UDP_V4_FLOW] = fields[UDP_V6_FLOW] = addresses;
	fields[IPV4_FLOW] = fields[IPV6_FLOW] = addresses;
	for (i = 0; i < QUEUES; i++) {
		struct queue *q = &nic->queues[i];

		q->device = device;
		q->irq = irq + i;
		q->coalesce.rx_coalesce_usecs = 8;
		skb_queue_head_init(&q->packets);
		netif_napi_add(device, &q->napi, poll);
		irq_set_chip_and_handler(q->irq, &chip, handle_simple_irq);
	}
}

static int __init rxlab_init(void)
{
	int error, irq = irq_alloc_descs(-1, 1, QUEUES, NUMA_NO_NODE);

	if (irq < 0)
		return irq;
	device = alloc_etherdev_mqs(sizeof(struct rxlab), QUEUES, QUEUES);
	if (!device) {
		irq_free_descs(irq, QUEUES);
		return -ENOMEM;
	}
	strscpy(device->name, "rxlab%d", IFNAMSIZ);
	device->netdev_ops = &device_operations;
	device->ethtool_ops = &settings;
	eth_hw_addr_random(device);
	device->hw_features = device->features =
		NETIF_F_NTUPLE | NETIF_F_RXHASH | NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_LRO | NETIF_F_GRO;
	set_up(netdev_priv(device), irq);
	error = register_netdev(device);
	if (error) {
		free_netdev(device);
		irq_free_descs(irq, QUEUES);
	}
	return error;
}

static void __exit rxlab_exit(void)
{
	int irq = ((struct rxlab *)netdev_priv(device))->queues[0].irq;

	unregister_netdev(device);
	free_netdev(device);
	irq_free_descs(irq, QUEUES);
}

module_init(rxlab_init);
module_exit(rxlab_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A NIC in memory, for testing receive controls");

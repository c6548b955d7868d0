/// RPS and RFS: software chooses a CPU after the queue did (networking/scaling.rst).
extension Knob {
  static let rps: [Knob] = [
    rpsCPUs, rpsFlowCount, rpsSockFlowEntries, rpsDefaultMask, netdevMaxBacklog, flowLimitCPUs,
    flowLimitTableLength, arfs,
  ]

  package static let rpsCPUs = Knob(
    id: "queue.rps-cpus", aliases: ["rps.cpus"], stage: .rps, scope: .rxQueue,
    summary: "CPUs that RPS spreads the queue's packets over", unit: .cpus, range: .existing,
    access: .queueFile("rps_cpus"), defaultValue: "none", document: Document.scaling,
    since: "2.6.35",
    notes: """
      With none, RPS is off: the CPU that polls the queue also processes its packets. The kernel \
      silently drops offline CPUs from the mask. The mask is lost when the queue is removed.
      """)

  package static let rpsFlowCount = Knob(
    id: "queue.rps-flow-cnt", aliases: ["rps.flow-cnt"], stage: .rps, scope: .rxQueue,
    summary: "Flows of the queue whose CPU RFS remembers", unit: .entries,
    // The kernel takes 2^30 and more, which is 12 GiB a queue.
    range: .between(0, 1 << 22), access: .queueFile("rps_flow_cnt"), defaultValue: "0",
    settles: .rounded, risks: [.memory], document: Document.scaling, since: "2.6.35",
    notes: """
      12 bytes per entry. RFS also needs net.core.rps_sock_flow_entries: give each queue its share \
      of that.
      """)

  package static let rpsSockFlowEntries = sysctl(
    "net.core.rps_sock_flow_entries", .rps, "Flows whose application CPU RFS remembers",
    .entries, .between(0, 1 << 29), default: "0", risks: [.memory], document: Document.scaling,
    since: "2.6.35", settles: .rounded,
    notes: "RFS is off while this or queue.rps-flow-cnt is 0.")

  package static let rpsDefaultMask = sysctl(
    "net.core.rps_default_mask", .rps, scope: .namespace, "RPS CPUs of the queues of new devices",
    .cpus,
    .existing, default: "none", document: Document.netSysctl, since: "~6.3")

  package static let netdevMaxBacklog = sysctl(
    "net.core.netdev_max_backlog", .rps, "Maximum packets in a CPU's backlog", .packets,
    positiveInt32, default: "1000", document: Document.netSysctl, since: "~2.6.12",
    notes: """
      Used by RPS and by devices without NAPI (loopback, veth); softnet dropped counts the \
      overflow. The kernel accepts -1, which drops every packet.
      """)

  package static let flowLimitCPUs = sysctl(
    "net.core.flow_limit_cpu_bitmap", .rps, "CPUs whose backlog drops packets of large flows first",
    .cpus,
    .existing, default: "none", document: Document.scaling, since: "~3.11")

  package static let flowLimitTableLength = sysctl(
    "net.core.flow_limit_table_len", .rps, "Size of the flow limit hash table", .entries,
    .between(1, 1 << 30), default: "4096", document: Document.scaling, since: "~3.11",
    settles: .later,
    notes: """
      A power of two. The kernel reads it when a CPU joins net.core.flow_limit_cpu_bitmap.
      """)

  package static let arfs = Knob(
    id: "arfs", stage: .rps, scope: .device,
    summary: "Accelerated RFS: the NIC steers each flow to its application's CPU",
    unit: .flag, range: .any, access: .derived, document: Document.scaling, since: "2.6.38",
    notes: """
      It has no switch of its own: it is on where the driver supports it (ndo_rx_flow_steer), and \
      features.rx-ntuple-filter and RFS are on.
      """,
    isWritable: false)
}

/// RPS and RFS: software chooses a CPU after the queue did (networking/scaling.rst).
extension Knob {
  static let rps: [Knob] = [
    rpsCPUs, rpsFlowCount, rpsSockFlowEntries, rpsDefaultMask, netdevMaxBacklog, flowLimitCPUs,
    flowLimitTableLength, arfs,
  ]

  package static let rpsCPUs = Knob(
    id: "queue.rps-cpus", aliases: ["rps.cpus"], stage: .rps, scope: .rxQueue,
    summary: "CPUs that packets of the queue are spread over", unit: .cpus, range: .existing,
    access: .queueFile("rps_cpus"), defaultValue: "none", document: Document.scaling,
    since: "2.6.35",
    notes: """
      Empty is off: the CPU that polls also does the work. CPUs that are offline are dropped \
      from it without a word. The mask is lost when the queue goes.
      """)

  package static let rpsFlowCount = Knob(
    id: "queue.rps-flow-cnt", aliases: ["rps.flow-cnt"], stage: .rps, scope: .rxQueue,
    summary: "Flows of the queue that RFS remembers the CPU of", unit: .entries,
    // The kernel takes 2^30 and more, which is 12 GiB a queue.
    range: .between(0, 1 << 22), access: .queueFile("rps_flow_cnt"), defaultValue: "0",
    settles: .rounded, risks: [.memory], document: Document.scaling, since: "2.6.35",
    notes: """
      12 bytes an entry. Of use together with net.core.rps_sock_flow_entries, of which each \
      queue gets its part.
      """)

  package static let rpsSockFlowEntries = sysctl(
    "net.core.rps_sock_flow_entries", .rps, "Flows that RFS remembers the program's CPU of",
    .entries, .between(0, 1 << 29), default: "0", risks: [.memory], document: Document.scaling,
    since: "2.6.35", settles: .rounded,
    notes: "RFS is off while it is 0, or while queue.rps-flow-cnt is.")

  package static let rpsDefaultMask = sysctl(
    "net.core.rps_default_mask", .rps, scope: .namespace, "RPS CPUs that new queues start with",
    .cpus,
    .existing, default: "none", document: Document.netSysctl, since: "~6.3")

  package static let netdevMaxBacklog = sysctl(
    "net.core.netdev_max_backlog", .rps, "Packets that a CPU's backlog holds", .packets,
    positiveInt32, default: "1000", document: Document.netSysctl, since: "~2.6.12",
    notes: """
      Of RPS and of devices without NAPI (loopback, veth): softnet dropped counts what did not \
      fit. The kernel also takes -1, which drops all.
      """)

  package static let flowLimitCPUs = sysctl(
    "net.core.flow_limit_cpu_bitmap", .rps, "CPUs whose backlog drops large flows first", .cpus,
    .existing, default: "none", document: Document.scaling, since: "~3.11")

  package static let flowLimitTableLength = sysctl(
    "net.core.flow_limit_table_len", .rps, "Hash entries of flow limit", .entries,
    .between(1, 1 << 30), default: "4096", document: Document.scaling, since: "~3.11",
    settles: .later,
    notes: "A power of two. It is read when a CPU joins net.core.flow_limit_cpu_bitmap.")

  package static let arfs = Knob(
    id: "arfs", stage: .rps, scope: .device,
    summary: "Accelerated RFS: the NIC follows the programs by flow rules of its own",
    unit: .flag, range: .any, access: .derived, document: Document.scaling, since: "2.6.38",
    notes: """
      It has no switch: it works where the driver can (ndo_rx_flow_steer), \
      features.rx-ntuple-filter is on and RFS is.
      """,
    isWritable: false)
}

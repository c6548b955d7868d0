package import ReceivePath

/// What concerns no device in particular: the host object of `rxtune show --json`.
package enum HostReadingsJSON {
  package static let shape = Record<HostReadings>([
    Field("uptime", "Seconds since boot.", .reading(.number)) { $0.uptime },
    Field(
      "processors",
      "How each CPU spent its time since boot (/proc/stat), in hundredths of a second.",
      .reading(.array(of: processor))
    ) {
      $0.processors.map { times in
        times.sorted { $0.key < $1.key }.map { Processor(cpu: $0.key, times: $0.value) }
      }
    },
    Field(
      "ksoftirqd", "CPU time of each ksoftirqd thread since boot, in hundredths of a second.",
      .reading(.array(of: softirqThread))
    ) { $0.softirqThreads },
    Field(
      "packet-sockets", "Packet sockets (AF_PACKET) of the network namespace.",
      .reading(.array(of: packetSocket))
    ) { $0.packetSockets },
    Field("conntrack", "Tracked connections (nf_conntrack).", .reading(connectionTracking)) {
      $0.connectionTracking
    },
    Field("forwarding", "Whether packets are forwarded between devices.", .reading(forwarding)) {
      $0.forwarding
    },
  ]).shape

  private struct Processor: Sendable {
    var cpu: Int
    var times: ProcessorTimes
  }

  private static let processor = Record<Processor>([
    Field("cpu", "The CPU.", .integer) { $0.cpu },
    Field("user", "In user mode, niced processes included.", .counter) { $0.times.user },
    Field("system", "In the kernel.", .counter) { $0.times.system },
    Field("idle", "Idle, waiting for I/O included.", .counter) { $0.times.idle },
    Field("irq", "Serving interrupts.", .counter) { $0.times.irq },
    Field("softirq", "Serving softirqs.", .counter) { $0.times.softirq },
    Field("steal", "Taken by the hypervisor.", .counter) { $0.times.steal },
  ]).shape

  private static let softirqThread = Record<SoftirqThread>([
    Field("cpu", "The CPU.", .integer) { $0.cpu },
    Field("time", "CPU time.", .counter) { $0.ticks },
  ]).shape

  private static let packetSocket = Record<PacketSocket>([
    Field(optional: "ifindex", "Index of the bound interface; omitted for all.", .integer) {
      $0.ifindex.map(Int.init)
    },
    Field("ethertype", "EtherType; 3 is every packet.", .integer) { Int($0.ethertype) },
    Field("running", "Whether packets are delivered to it.", .bool) { $0.isRunning },
    Field("inode", "The socket's inode.", .counter32) { $0.inode },
  ]).shape

  private static let connectionTracking = Record<ConnectionTracking>([
    Field("count", "Connections tracked now (nf_conntrack_count).", .integer) { $0.count },
    Field("max", "Maximum (nf_conntrack_max).", .integer) { $0.maximum },
  ]).shape

  private static let forwarding = Record<Forwarding>([
    Field("ipv4", "net.ipv4.ip_forward.", .bool) { $0.ipv4 },
    Field(optional: "ipv6", "net.ipv6.conf.all.forwarding.", .bool) { $0.ipv6 },
  ]).shape
}

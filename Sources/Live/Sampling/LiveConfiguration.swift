/// What is looked at, and what of it changes seldom: read once, and again where the kernel announces
/// a change.
package struct LiveConfiguration: Codable, Hashable, Sendable {
  package var devices: [Device] = []

  package struct Device: Codable, Hashable, Sendable {
    package var name: String
    package var index: Int32
    package var driver: String?
    package var queues: [Queue]
    /// nil: nobody counts packets by queue (a veth, a bridge).
    package var source: CounterSource?

    package init(
      name: String, index: Int32, driver: String? = nil, queues: [Queue] = [],
      source: CounterSource? = nil
    ) {
      self.name = name
      self.index = index
      self.driver = driver
      self.queues = queues
      self.source = source
    }
  }

  /// A receive queue.
  package struct Queue: Codable, Hashable, Sendable {
    package var number: Int
    package var irq: Int?
    package var napiID: UInt32?
    /// CPUs that its interrupt is delivered to, as cpulist; nil where that is not known.
    package var cpus: String?
    /// RPS, as cpulist: empty is off, nil not known.
    package var rpsCPUs: String?

    package init(
      number: Int, irq: Int? = nil, napiID: UInt32? = nil, cpus: String? = nil,
      rpsCPUs: String? = nil
    ) {
      self.number = number
      self.irq = irq
      self.napiID = napiID
      self.cpus = cpus
      self.rpsCPUs = rpsCPUs
    }
  }

  package init(devices: [Device] = []) { self.devices = devices }
}

/// Who counts: what a rate is known from.
package enum CounterSource: String, Codable, CaseIterable, Sendable {
  /// The netdev family's qstats-get (since 6.10).
  case qstats
  /// Counters that the driver names as it likes (ethtool -S).
  case driver
  /// /proc/interrupts, or /sys/kernel/irq.
  case interrupts
}

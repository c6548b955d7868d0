import Knobs
import ReceivePath

extension Rule {
  /// The RSS table leaves a receive queue out, and nothing else leads to it (ethtool(8), -X).
  ///
  /// A queue may be reserved: for a traffic class (mqprio), a flow rule, another RSS context, AF_XDP.
  /// Some devices have more queues than their table can name, and some drivers tell zeroes for what
  /// they do not know.
  static let tableGap = Rule(
    "table-gap", "The RSS table leaves a receive queue out", .state, document: "ethtool(8)"
  ) { examination in
    examination.physicalDevices { device in
      let queues = device.queues
      guard queues.count > 1 else { return [] }
      let table: [UInt32]
      switch device.device.rss {
      case .value(let rss): table = rss.table
      case .absent(let absence):
        return absence.reason == .notSupported
          ? [] : [.unchecked(device.subject, "its RSS table is \(absence.reason.words)")]
      }
      // A table with fewer entries than there are queues cannot name them all (mvneta's has one).
      guard table.count >= queues.count else { return [] }
      let named = Set(table.map(Int.init))
      let left = queues.filter { queue in
        !named.contains(queue.queue) && queue.path.takenBy == nil
          && !device.isOfTrafficClass(queue.queue) && (queue.packets.perSecond ?? 0) == 0
      }
      guard !left.isEmpty, !isLimit(named, of: device) else { return [] }
      if named == [0], device.device.rss.value?.key.isEmpty == true {
        return [.unchecked(device.subject, "its driver tells zeroes for the RSS table and the key")]
      }
      guard let reserved = device.reservedQueues else {
        return [.unchecked(device.subject, "its flow rules or RSS contexts are not known")]
      }
      let idle = left.map(\.queue).filter { !reserved.contains($0) }
      guard !idle.isEmpty else { return [] }
      return [
        .finding(
          Finding(
            .cost, at: device.subject,
            "The RSS table leaves \(Place.Direction.rx.names(idle)) out.",
            evidence: [
              Evidence("queues in the table", named.count, from: "ethtool rss-get"),
              Evidence("receive queues", queues.count, from: "ethtool channels-get"),
            ],
            consequence: "The other queues, and their CPUs, receive everything.",
            fix: .run(
              ["rxtune", "rss", device.name, "--default"],
              remark: "Leave it if the queues are reserved, as by a program that steers to them."),
            .configured))
      ]
    }
  }

  /// Whether the table names the first queues, as many as the driver can spread over:
  /// IXGBE_MAX_RSS_INDICES (ixgbe.h), a power of two (mlx4, en_netdev.c: rss rings).
  private static func isLimit(_ named: Set<Int>, of device: DeviceView) -> Bool {
    guard named == Set(0..<named.count), let driver = device.device.driver.value?.driver else {
      return false
    }
    switch driver {
    case "ixgbe": return named.count == 16
    case "mlx4_en":
      return named.count.nonzeroBitCount == 1 && device.device.paths.count < 2 * named.count
    default: return false
    }
  }
}

extension DeviceView {
  /// Whether a queue is one of a traffic class besides the first, which the table is of.
  fileprivate func isOfTrafficClass(_ queue: Int) -> Bool {
    let own = device.transmitQueues.first { $0.steering.queue == queue }?.trafficClass?.value
    return own.map { $0 > 0 } ?? false
  }

  /// Queues that flow rules or other RSS contexts lead to; nil where it is not known.
  fileprivate var reservedQueues: Set<Int>? {
    var queues: Set<Int> = []
    switch device.flowRules {
    case .value(let rules): queues.formUnion(rules.compactMap(\.queue))
    case .absent(let absence): guard absence.reason == .notSupported else { return nil }
    }
    switch device.rssContexts {
    case .value(let contexts):
      for context in contexts { queues.formUnion(context.table.map(Int.init)) }
    case .absent(let absence): guard absence.reason == .notSupported else { return nil }
    }
    return queues
  }
}

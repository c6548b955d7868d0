import Knobs
import ReceivePath

extension Rule {
  /// The RSS table leaves a receive queue out, and nothing else leads to it (ethtool(8), -X).
  ///
  /// A queue may be reserved: for a flow rule, another RSS context, AF_XDP. Some devices have more
  /// queues than their table can name.
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
      guard !table.isEmpty else { return [] }
      let named = Set(table.map(Int.init))
      let left = queues.filter { !named.contains($0.queue) && $0.path.takenBy == nil }
      guard !left.isEmpty, !isLimit(named, of: device) else { return [] }
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
              remark: "Leave it if the queues are reserved, as for a traffic class."),
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

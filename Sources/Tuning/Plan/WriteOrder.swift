package import Knobs

/// The order in which settings are written, so that no write undoes one before it: what reopens
/// queues comes before what belongs to queues, and what the whole host shares comes last. `tables`
/// are those of RSS where they have to free queues before the channels go.
package enum WriteOrder: Int, Comparable, Sendable, CaseIterable {
  case features, link, tables, channels, rings, coalescing, queueCoalescing, rss, flowRules, irq
  case napiDevice, napi, steering, host

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  package init(_ knob: Knob) {
    self =
      switch knob.access {
      case .feature, .privateFlags: .features
      case .link, .tunable: .link
      case .ethtool(let message, _, _), .ethtoolFlag(let message, _),
        .ethtoolChoice(let message, _):
        switch message {
        case .privateFlags: .features
        case .pause: .link
        case .channels: .channels
        case .rings: .rings
        case .coalesce: .coalescing
        }
      case .moderationProfile: .coalescing
      case .queueCoalesce: .queueCoalescing
      case .rss: .rss
      case .flowRules: .flowRules
      case .irqFile, .irqDefault: .irq
      case .deviceFile: .napiDevice
      case .napi: .napi
      case .queueFile: .steering
      case .sysctl, .cpuFile, .idleStates, .latencyRequest, .socketOption, .epollParameters,
        .derived:
        .host
      }
  }

  /// - Parameter tablesFirst: as `Plan.tablesFirst`.
  init(_ setting: Setting, tablesFirst: Set<String>) {
    let isTable = setting.knob.form == .table || setting.knob.form == .contexts
    if isTable, let device = setting.place.device, tablesFirst.contains(device) {
      self = .tables
    } else {
      self.init(setting.knob)
    }
  }

  package static func sorted(_ settings: [Setting]) -> [Setting] {
    sorted(settings) { WriteOrder($0.knob) }
  }

  /// Stable.
  static func sorted<Element>(_ elements: [Element], by order: (Element) -> Self) -> [Element] {
    let ranked = elements.enumerated().map { (rank: order($0.element), $0.offset, $0.element) }
    let sorted = ranked.sorted { left, right in
      left.rank == right.rank ? left.1 < right.1 : left.rank < right.rank
    }
    return sorted.map { $0.2 }
  }
}

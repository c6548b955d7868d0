package import Knobs

/// The order in which settings are written, so that no write undoes one before it: what reopens
/// queues comes before what belongs to queues, and what the whole host shares comes last.
package enum WriteOrder: Int, Comparable, Sendable, CaseIterable {
  case features, link, channels, rings, coalescing, queueCoalescing, rss, flowRules, irq
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

  package static func sorted(_ settings: [Setting]) -> [Setting] {
    settings.enumerated().sorted { left, right in
      let (a, b) = (WriteOrder(left.element.knob), WriteOrder(right.element.knob))
      return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
  }
}

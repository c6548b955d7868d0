import Knobs

/// What a policy does for a knob, or for knobs of a kind.
struct Use: Sendable {
  /// What it has to know of the CPUs of a device's queues before it chooses for one of them, and
  /// does not.
  typealias Unknown = @Sendable (Placement, Int) -> String?

  let suits: @Sendable (Knob) -> Bool
  let unknown: Unknown
  /// nil where it has no opinion.
  let value: @Sendable (Policy.Basis) -> KnobValue?

  init(
    suits: @escaping @Sendable (Knob) -> Bool, unknown: @escaping Unknown = { _, _ in nil },
    value: @escaping @Sendable (Policy.Basis) -> KnobValue?
  ) {
    self.suits = suits
    self.unknown = unknown
    self.value = value
  }

  /// A set for each queue: of CPUs, or of queues.
  static func queues(
    _ knob: Knob, unknown: @escaping Unknown = { _, _ in nil },
    _ choose: @escaping @Sendable (Placement, Int) -> CPUSet?
  ) -> Use {
    Use(suits: { $0 == knob }, unknown: unknown) { basis in
      basis.queue.flatMap { choose(basis.placement, $0) }.map { .cpus($0) }
    }
  }

  /// CPUs that send on a queue. Where there is but one, there is nothing to choose.
  static func xps(
    unknown: @escaping Unknown = { _, _ in nil },
    _ choose: @escaping @Sendable (Placement, Int) -> CPUSet?
  ) -> Use {
    .queues(.xpsCPUs, unknown: unknown) { placement, queue in
      placement.txQueues > 1 ? choose(placement, queue) : nil
    }
  }

  /// A number of channels, at most as many as the device has.
  static func channels(_ count: @escaping @Sendable (Locality) -> Int) -> Use {
    Use(suits: { Knob.queueChannels.contains($0) }) { basis in
      // Where nobody tells the CPUs, no number of them is as good as another.
      guard let maximum = basis.maximum, !basis.placement.locality.usable.isEmpty else {
        return nil
      }
      return .number(Swift.max(1, Swift.min(maximum, Int64(count(basis.placement.locality)))))
    }
  }
}

extension Knob {
  /// The channels that serve queues.
  static let queueChannels: [Knob] = [.channelsCombined, .channelsRx, .channelsTx]
}

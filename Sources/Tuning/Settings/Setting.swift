package import Knobs

/// One knob at one place, and a value for it.
package struct Setting: Hashable, Sendable {
  package var knob: Knob
  package var place: Place
  package var value: KnobValue

  package init(_ knob: Knob, at place: Place, _ value: KnobValue) {
    self.knob = knob
    self.place = place
    self.value = value
  }

  /// Knob and place, without the value.
  package var key: Key { Key(knob, at: place) }

  package struct Key: Hashable, Sendable {
    package var knob: Knob
    package var place: Place

    package init(_ knob: Knob, at place: Place) {
      self.knob = knob
      self.place = place
    }
  }

  package var description: String { "\(placeName) \(knob.id)" }

  /// "eth0 rx-3"; what the host has for each network namespace is "netns".
  package var placeName: String { place.name(for: knob) }

  /// "1 value", "2 values".
  package static func counted(_ count: Int) -> String { "\(count) value\(count == 1 ? "" : "s")" }
}

extension Knob {
  /// Whether `found` is what a write of `wanted` may leave behind.
  package func accepts(_ found: KnobValue, for wanted: KnobValue) -> Bool {
    if found == wanted { return true }
    switch (settles, wanted, found) {
    case (.rounded, .number(let wanted), .number(let found)):
      // Up to the next power of two, never further.
      return wanted > 0 && found >= wanted && found / 2 < wanted && found.nonzeroBitCount == 1
    default: return false
    }
  }

  /// Whether a value that differs is the driver's own choice near what was wanted (a ring size
  /// rounded, a delay clamped), and is to be told rather than refused.
  package func settledNear(_ found: KnobValue, for wanted: KnobValue, before: KnobValue?) -> Bool {
    guard settles == .clamped, case .number(let wanted) = wanted, case .number(let found) = found
    else { return false }
    // A value that did not move at all was ignored, not clamped.
    if case .number(let before)? = before, before == found, wanted != found { return false }
    return true
  }

  /// Knobs with equal batches go to the kernel in one request.
  package var batch: Batch {
    switch access {
    case .ethtool(let message, _, _), .ethtoolFlag(let message, _), .ethtoolChoice(let message, _):
      .ethtool(message)
    case .feature: .features
    case .napi: .napi
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates,
      .moderationProfile, .link, .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags,
      .socketOption, .epollParameters, .latencyRequest, .derived:
      .alone(id)
    }
  }

  package enum Batch: Hashable, Sendable {
    case ethtool(EthtoolMessage)
    case features
    /// of one NAPI instance
    case napi
    case alone(String)
  }
}

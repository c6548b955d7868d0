/// When a run begins, when it is measured, when it ends; CLOCK_MONOTONIC nanoseconds.
package struct Window: Codable, Hashable, Sendable {
  package var start: UInt64
  package var from: UInt64
  package var until: UInt64

  package init(start: UInt64, warmUp: Double, duration: Double) {
    self.start = start
    from = start &+ Self.nanoseconds(warmUp)
    until = from &+ Self.nanoseconds(duration)
  }

  package var seconds: Double { Double(until &- from) / 1e9 }

  package static func nanoseconds(_ seconds: Double) -> UInt64 {
    UInt64(max(0, min(seconds, 86_400 * 365)) * 1e9)
  }
}

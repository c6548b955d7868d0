/// Something that takes bytes from outside. A new one is a file beside this one, and a line in
/// `all`.
struct FuzzTarget: Sendable {
  var name: String
  /// Inputs to begin with; the better they are, the sooner the fuzzer is where it hurts.
  var seeds: @Sendable () throws -> [[UInt8]]
  /// Must neither trap nor take long; a property that does not hold is a trap of its own.
  var run: @Sendable ([UInt8]) -> Void

  static let all: [FuzzTarget] = [
    netlink, capture, procfs, interruptNames, flow, host,
    profile, journal, results, recording, keys, structures, values, trace, packet, perf,
  ]
}

/// Follows the packets of a server through the kernel while a run is made, from when it is made on.
///
/// How that is done is the business of whoever makes the plan, as `Staging` is.
package protocol StageTracing {
  /// Returns what was seen up to `end`, a moment of CLOCK_MONOTONIC, or until `sleep`, which sleeps
  /// until a moment, returns false.
  func collect(until end: UInt64, sleep: (UInt64) -> Bool) -> StageSplit
}

package import KernelIO

extension LoadGenerator {
  /// Loads for the length of a window, with samples of the host at both ends of what is measured.
  ///
  /// - Parameter other: input on it ends the load early, as a signal does.
  /// - Returns: what it came to, also where it ended early: then it is not whole; how its latency
  ///   is distributed; and when the measuring began, in seconds since 1970.
  package static func measure(
    _ options: LoadOptions, _ window: Window, _ kernel: some Kernel,
    _ interruption: Interruption, or other: Int32? = nil
  ) throws(BenchError) -> (
    result: LoadResult, isWhole: Bool, latency: LatencyBuckets, start: Double
  ) {
    let generator = try LoadGenerator(options, window)
    try generator.start()
    var from = window.from
    var before: HostSample?
    var isWhole = false
    if interruption.sleep(until: window.from, or: other) {
      before = HostSample(kernel, isStart: true)
      isWhole = interruption.sleep(until: window.until, or: other)
    } else {
      from = MonotonicClock.now()
    }
    let after = HostSample(kernel)
    if !isWhole { generator.stop() }
    let (counts, latency) = generator.finish()
    let begun = min(from, after.time)
    let seconds = Double(min(after.time, window.until) &- begun) / 1e9
    let start = MonotonicClock.realtime() - Double(MonotonicClock.now() &- begun) / 1e9
    let result = LoadResult(
      counts: counts, seconds: seconds, latency: latency.summary,
      host: HostUse(from: before ?? after, to: after))
    return (result, isWhole, latency, start)
  }
}

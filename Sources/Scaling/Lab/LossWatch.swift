package import KernelIO

/// Looks at what devices lose while a run is measured.
package final class LossWatch: RunObserver {
  private let devices: [String]
  private let kernel: LiveKernel
  /// Of the latest run.
  package private(set) var losses: [String: UInt64] = [:]
  package private(set) var linkLost: String?

  package init(_ devices: [String], _ kernel: LiveKernel) {
    self.devices = devices
    self.kernel = kernel
  }

  package func prepare(_ processes: RunProcesses) throws(BenchError) {}

  package func observe(until end: UInt64, sleep: (UInt64) -> Bool) throws(BenchError) {
    let before = DeviceLosses(of: devices, kernel)
    _ = sleep(end)
    let after = DeviceLosses(of: devices, kernel)
    losses = after.since(before)
    linkLost = after.linkLost(since: before)
  }
}

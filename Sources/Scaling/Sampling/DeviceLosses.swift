package import KernelIO
import ReceivePath

/// What devices have lost since they were made, and how often their link changed.
package struct DeviceLosses {
  private var counters: [String: UInt64] = [:]
  private var links: [String: UInt32] = [:]

  /// A device that is not there any more has lost its link.
  package init(of devices: [String], _ kernel: some Kernel) {
    let host = Host(kernel)
    for name in devices {
      guard let link = try? host.link(name) else { continue }
      links[name] = link.carrierChanges ?? 0
      guard let statistics = link.statistics else { continue }
      for (counter, path) in Self.counters {
        counters["\(name) \(counter)"] = statistics[keyPath: path]
      }
    }
  }

  private static var counters: [(String, KeyPath<LinkStatistics, UInt64>)] {
    [
      ("rx-errors", \.rxErrors), ("tx-errors", \.txErrors), ("rx-dropped", \.rxDropped),
      ("tx-dropped", \.txDropped), ("rx-missed-errors", \.rxMissedErrors),
      ("rx-over-errors", \.rxOverErrors), ("rx-fifo-errors", \.rxFIFOErrors),
    ]
  }

  /// Packets since then, by "eth0 rx-dropped"; a counter that a driver has set back counts none.
  package func since(_ before: DeviceLosses) -> [String: UInt64] {
    counters.reduce(into: [:]) { losses, counter in
      guard let earlier = before.counters[counter.key], counter.value > earlier else { return }
      losses[counter.key] = counter.value - earlier
    }
  }

  /// A device whose link went meanwhile.
  package func linkLost(since before: DeviceLosses) -> String? {
    before.links.keys.sorted().first { links[$0] != before.links[$0] }
  }
}

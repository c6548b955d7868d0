import Diagnosis
import KernelIO
import ReceivePath
import Rendering
import TestSupport

extension FuzzTarget {
  /// All that `rxtune show` reads and prints, of a host whose answers the input damages: the first
  /// byte chooses a recorded host, the rest are `HostDamage`'s instructions.
  static let host = FuzzTarget(name: "host", seeds: { hostSeeds() }) { bytes in
    guard let first = bytes.first else { return }
    let capture = recorded[Int(first) % recorded.count]
    show(Host(ReplayKernel(HostDamage.apply(Array(bytes.dropFirst()), to: capture))))
  }

  private static func show(_ host: Host) {
    guard let links = try? host.links() else { return }
    let snapshot = host.snapshot(of: links)
    _ = ShowDocument(snapshot).text(as: .json)
    _ = ShowDocument(snapshot).lines
    let whole = host.snapshot(of: links, isWhole: true)
    let settings = host.settings(of: Rule.reads)
    var before = whole
    before.readings?.uptime = .value(0)
    _ = CheckupDocument(Checkup(Examination(whole, since: before, settings: settings))).lines
    for link in links { _ = host.arrivals(link, links).reason }
  }

  /// This machine, and a namespace with a veth pair of four queues, by netlink and by the ioctls of
  /// older kernels.
  static let recorded: [Capture] = {
    do {
      guard NetworkNamespace.isAvailable else { return [record()] }
      return [
        record(),
        try NetworkNamespace.run { namespace in
          try namespace.shell(
            "ip link add fuzz0 numrxqueues 4 numtxqueues 4 type veth peer fuzz1 && "
              + "ethtool -K fuzz0 gro on && ip link set fuzz0 up && ip link set fuzz1 up")
          return record()
        },
        try NetworkNamespace.run { namespace in
          try namespace.shell("ip tuntap add fuzz0 mode tap multi_queue && ip link set fuzz0 up")
          return record(OlderKernel(LiveKernel()))
        },
      ]
    } catch {
      fatalError("no host to damage: \(error)")
    }
  }()

  private static func record(_ kernel: any Kernel = LiveKernel()) -> Capture {
    let recorder = Recorder(kernel, host: .current(rxtuneVersion: "0.1.0"))
    show(Host(recorder))
    return recorder.capture
  }

  /// One instruction of each kind for each exchange.
  private static func hostSeeds() -> [[UInt8]] {
    recorded.enumerated().flatMap { index, capture in
      capture.exchanges.indices.map { exchange in
        [UInt8(index), UInt8(exchange >> 8 & 0xff), UInt8(exchange & 0xff)]
          + [UInt8(exchange % 8), 0, 20, 0xff]
      }
    }
  }
}

import KernelIO
import Netlink

extension FuzzTarget {
  /// The capture loader; what it takes must be written and read back as it is, and redacted.
  static let capture = FuzzTarget(name: "capture", seeds: { try captureSeeds() }) { bytes in
    guard let capture = try? Capture.parse(bytes) else { return }
    precondition((try? Capture.parse(capture.write())) == capture, "another capture came back")
    if let redacted = try? capture.redacted() {
      precondition(redacted.exchanges.count == capture.exchanges.count)
      precondition((try? Capture.parse(redacted.write())) == redacted)
    }
  }

  private static func captureSeeds() throws -> [[UInt8]] {
    let recorder = Recorder(LiveKernel(), host: .current(rxtuneVersion: "0.1.0"))
    let dump = NetlinkRequest(
      .route, type: 18, flags: .dump, payload: [UInt8](repeating: 0, count: 16), subject: "links")
    // struct inet_diag_req_v2: TCP sockets of every state.
    let sockets = NetlinkRequest(
      .sockDiag, type: 20, flags: .dump,
      payload: [2, 6, 0, 0, 0xff, 0xff, 0xff, 0xff] + [UInt8](repeating: 0, count: 48),
      subject: "sockets")
    let rule = hostBytes(UInt32(0x2f)) + [UInt8](repeating: 0, count: 188)
    _ = try? recorder.family("ethtool")
    _ = try? recorder.family("no such family")
    _ = try? recorder.netlink(dump)
    _ = try? recorder.netlink(sockets)
    _ = try? recorder.ethtool("lo", rule)
    _ = try? recorder.read(.proc("self/net/tcp"))
    _ = try? recorder.read(.sys("class/net/lo/address"))
    _ = try? recorder.list(.sys("class/net"))
    _ = try? recorder.readLink(.sys("class/net/lo"))
    let exchanges = recorder.capture.exchanges
    return [recorder.capture.write()]
      + exchanges.map { Capture(recorder.capture.host, exchanges: [$0]).write() }
  }
}

import Netlink
import TestSupport
import Testing

@testable import KernelIO

@Suite("Recorder and ReplayKernel") struct RecorderTests {
  static let host = Capture.Host.current(rxtuneVersion: "0.1.0")

  /// Asks one thing of each kind, among them what a kernel refuses, and tells what came back.
  private func ask(_ kernel: any Kernel) -> [String] {
    func tell(_ question: () throws -> Any) -> String {
      do { return "\(try question())" } catch { return "\(error)" }
    }
    let links = NetlinkRequest(
      .route, type: 18, flags: .dump, payload: [UInt8](repeating: 0, count: 16), subject: "links")
    // ETHTOOL_GDRVINFO; what lo answers is the kernel's to say.
    let driver = hostBytes(UInt32(3)) + [UInt8](repeating: 0, count: 192)
    return [
      tell { try kernel.read(.proc("sys/net/core/somaxconn")) },
      tell { try kernel.read(.proc("version")) },
      tell { try kernel.read(.sys("no/such/file")) },
      tell { try kernel.list(.sys("class/net")) },
      tell { try kernel.list(.sys("class/net/lo/mtu")) },
      tell { try kernel.readLink(.sys("class/net/lo")) },
      tell { try kernel.readLink(.sys("class/net/lo/mtu")) },
      tell { try kernel.mode(.proc("sys/net/core/somaxconn")) },
      tell { try kernel.mode(.proc("version")) },
      tell { try kernel.mode(.sys("no/such/file")) },
      tell { try kernel.ethtool("lo", driver) },
      tell { try kernel.ethtool("no-such-dev", driver) },
      tell { try kernel.netlink(GenericFamily.request(named: "nlctrl")) },
      tell { try kernel.netlink(GenericFamily.request(named: "no such family")) },
      tell { try kernel.netlink(links) },
    ]
  }

  @Test func theReplayAnswersAsTheLiveKernelDid() throws {
    let recorder = Recorder(LiveKernel(), host: Self.host)
    let live = ask(recorder)
    let capture = try Capture.parse(recorder.capture.write())
    #expect(capture == recorder.capture)
    #expect(capture.exchanges.count == live.count)
    #expect(ask(ReplayKernel(capture)) == live)
  }

  @Test func aQuestionAskedAgainGetsItsAnswersInOrder() throws {
    let path = KernelPath.proc("counter")
    let other = KernelPath.proc("other")
    let replay = ReplayKernel(
      Capture(
        Self.host,
        exchanges: [
          .init(.read(path), .bytes([1])), .init(.read(other), .bytes([9])),
          .init(.read(path), .refused(.io, nil)), .init(.read(path), .bytes([3])),
        ]))
    #expect(try replay.read(path) == [1])
    #expect(throws: KernelError("read", "/proc/counter", .io)) { try replay.read(path) }
    for _ in 0..<3 { #expect(try replay.read(path) == [3]) }
    for _ in 0..<2 { #expect(try replay.read(other) == [9]) }
  }

  @Test func aRequestIsFoundWhateverItsSubject() throws {
    var request = NetlinkRequest(.route, type: 18, payload: [1, 2], subject: "recorded")
    let replay = ReplayKernel(
      Capture(
        Self.host,
        exchanges: [.init(.netlink(request), .messages([NetlinkMessage(type: 16, payload: [7])]))]))
    request.subject = "asked"
    #expect(try replay.netlink(request).map(\.payload) == [[7]])
    request.payload = [1, 3]
    let error = #expect(throws: KernelError.self) { try replay.netlink(request) }
    #expect(error?.kind == .notRecorded)
    #expect(error?.description == "netlink asked: not in this capture")
  }

  @Test func aRecordedHostCannotBeChanged() {
    let replay = ReplayKernel(Capture(Self.host))
    let error = #expect(throws: KernelError.self) {
      try replay.write(.proc("sys/net/core/somaxconn"), [0x31])
    }
    #expect(error?.kind == .refused)
    #expect(
      error?.description
        == "write /proc/sys/net/core/somaxconn: a recorded host cannot be changed")
  }

  @Test func whatNoKernelAnsweredIsNotRecorded() {
    let recorder = Recorder(ReplayKernel(Capture(Self.host)), host: Self.host)
    #expect(throws: KernelError.self) { try recorder.read(.proc("x")) }
    #expect(recorder.capture.exchanges.isEmpty)
  }

  @Test func theHostIsThisMachine() throws {
    let release = try LiveKernel().text(.proc("sys/kernel/osrelease"))
    #expect(Self.host.kernelRelease == release)
    #expect(Self.host.date.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
  }
}

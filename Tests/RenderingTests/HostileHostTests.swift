import FoundationEssentials
import KernelIO
import Knobs
import ReceivePath
import TestSupport
import Testing

@testable import Rendering

/// Whatever a kernel answers, it is shown, each device in a document that another program can read
/// and in lines that leave a terminal as it is; or the kernel's answer is refused.
@Suite("A host whose answers are broken") struct HostileHostTests {
  private static func show(_ host: Host) {
    guard let links = try? host.links() else { return }
    let snapshot = host.snapshot(of: links)
    #expect(snapshot.devices.map(\.link.name) == links.map(\.name))
    let document = ShowDocument(snapshot)
    #expect(throws: Never.self) {
      try JSONDecoder().decode(AnyDocument.self, from: Data(document.text(as: .json).utf8))
    }
    var reading = MetricsReading(version: "1")
    reading.devices = host.deviceQueues(of: links, among: links, isCounted: true)
    reading.listeners = try? host.listeners()
    #expect(throws: Never.self) { try Exposition(MetricsDocument(reading).text(as: .text)) }
    for line in document.lines {
      #expect(
        !line.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(line)")
    }
  }

  private struct AnyDocument: Decodable {}

  /// All questions of `rxtune show`, and this machine's answers.
  private static let recorded: Capture = {
    let recorder = Recorder(LiveKernel(), host: .current(rxtuneVersion: "0.1.0"))
    show(Host(recorder))
    return recorder.capture
  }()

  @Test func theRecordedHostIsWorthDamaging() throws {
    let links = try Host(ReplayKernel(Self.recorded)).links()
    #expect(links.contains { $0.name == "lo" })
    #expect(Self.recorded.exchanges.count > 20)
  }

  @Test(arguments: 0..<24)
  func randomDamage(seed: Int) {
    var generator = SplitMix(seed: UInt64(seed))
    let count = HostDamage.instructionSize * (1 << (seed % 6))
    let instructions = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    Self.show(Host(ReplayKernel(HostDamage.apply(instructions, to: Self.recorded))))
  }

  /// Every answer in turn is cut to nothing, refused, and cut in the middle.
  @Test(arguments: [UInt8(4), 6, 7], [UInt8(0), 1, 3, 9, 21])
  func everyAnswerDamagedInOneWay(kind: UInt8, position: UInt8) {
    for start in stride(from: 0, to: Self.recorded.exchanges.count, by: 20) {
      let instructions = (start..<start + 20).flatMap { index -> [UInt8] in
        [UInt8(index >> 8 & 0xff), UInt8(index & 0xff), kind, 0, position, 95]
      }
      Self.show(Host(ReplayKernel(HostDamage.apply(instructions, to: Self.recorded))))
    }
  }
}

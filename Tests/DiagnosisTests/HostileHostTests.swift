import FoundationEssentials
import KernelIO
import Rendering
import TestSupport
import Testing

@testable import Diagnosis
@testable import ReceivePath

/// Whatever a kernel answers at two moments, the rules get through, and what they say is a document and
/// leaves a terminal as it is.
@Suite("Doctor of a host whose answers are broken") struct HostileHostTests {
  private static let recorded: Capture = {
    let recorder = Recorder(LiveKernel(), host: .current(rxtuneVersion: "0.1.0"))
    _ = snapshot(ReceivePath.Host(recorder))
    _ = ReceivePath.Host(recorder).settings(of: Rule.reads)
    return recorder.capture
  }()

  private static func snapshot(_ host: ReceivePath.Host) -> HostSnapshot? {
    (try? host.links()).map { host.snapshot(of: $0, isWhole: true) }
  }

  private struct AnyDocument: Decodable {}

  private static func examine(_ now: Capture, since before: Capture) {
    let host = ReceivePath.Host(ReplayKernel(now))
    guard let last = snapshot(host),
      var first = snapshot(ReceivePath.Host(ReplayKernel(before)))
    else { return }
    // Ten seconds, and counters that began at nothing.
    if let uptime = last.readings?.uptime.value { first.readings?.uptime = .value(uptime - 10) }
    for index in first.devices.indices {
      first.devices[index].link.statistics?.rxPackets = 0
      first.devices[index].link.parentDevice = "0000:00:01.0"
    }
    var surroundings = Surroundings()
    surroundings.irqbalance = 1
    let document = CheckupDocument(
      Checkup(
        Examination(
          last, since: first, settings: host.settings(of: Rule.reads), surroundings: surroundings)))
    #expect(throws: Never.self) {
      try JSONDecoder().decode(AnyDocument.self, from: Data(document.text(as: .json).utf8))
    }
    for line in document.lines {
      #expect(
        !line.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(line)")
    }
  }

  @Test(arguments: 0..<24) func randomDamage(seed: Int) {
    var generator = SplitMix(seed: UInt64(seed))
    func damaged() -> Capture {
      let count = HostDamage.instructionSize * (1 << (seed % 6))
      let instructions = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      return HostDamage.apply(instructions, to: Self.recorded)
    }
    let before = damaged()
    Self.examine(damaged(), since: before)
  }

  /// Numbers of all sizes in what is counted.
  @Test(arguments: [0, 1, UInt64(UInt32.max), 1 << 53, UInt64(Int64.max), .max])
  func numbersOfAnySize(_ number: UInt64) throws {
    for fault in Fault.all {
      var patient = try fault.patient()
      patient.now.devices[0].link.statistics?.rxPackets = number
      patient.now.devices[0].link.statistics?.rxMissedErrors = number
      for queue in patient.now.devices[0].paths.indices {
        patient.now.setPackets(ofQueue: queue, number / 8)
        patient.now.interrupt(queue, onCPU: queue, number / 4)
        patient.now.spend(softirq: number, idle: number / 2, steal: number, onCPU: queue)
      }
      patient.now.softnet(2) { $0.timeSqueeze = UInt32(truncatingIfNeeded: number) }
      try patient.now.count("UdpRcvbufErrors", number)
      try patient.now.count("UdpInDatagrams", number)
      _ = CheckupDocument(patient.checkup).text(as: .json)
      _ = CheckupDocument(patient.checkup).lines
    }
  }
}

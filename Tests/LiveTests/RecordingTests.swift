import KernelIO
import Knobs
import TestSupport
import Testing

@testable import Live

@Suite struct RecordingTests {
  private let machine = SampledMachine()

  /// Three samples, the configuration changed before the last.
  private func recorded() throws -> (bytes: [UInt8], timeline: Timeline) {
    let path = "/tmp/rxtune-recording-\(UInt64.random(in: 0 ... .max)).jsonl"
    defer { _ = try? Shell.run("rm -f \(path)") }
    let writer = try RecordingWriter(path)
    var timeline = Timeline()
    var configuration = machine.configuration
    for second in 0..<3 as Range<UInt64> {
      if second == 2 { configuration.devices[0].queues[0].rpsCPUs = "0-1" }
      try writer.append(try machine.sample(second), configuration)
      timeline.append(try machine.sample(second), configuration)
    }
    return (try LocalFile.read(path, as: .recording), timeline)
  }

  @Test func whatIsReplayedIsWhatWasSeen() throws {
    let (bytes, timeline) = try recorded()
    #expect(bytes.split(separator: UInt8(ascii: "\n")).count == 5, "2 configurations, 3 samples")
    let replayed = try Recording.decode(bytes, from: "r")
    #expect(replayed.indices == timeline.indices)
    for index in timeline.indices {
      #expect(replayed.sample(at: index) == timeline.sample(at: index))
      #expect(replayed.rates(at: index) == timeline.rates(at: index))
    }
    #expect(replayed.rates(at: 2)?.devices.first?.queues.first?.rpsCPUs?.list == "0-1")
    #expect(replayed.rates(at: 1)?.devices.first?.queues.first?.rpsCPUs?.list == "")
  }

  @Test func nothingIsWrittenOver() throws {
    let path = "/tmp/rxtune-recording-\(UInt64.random(in: 0 ... .max)).jsonl"
    defer { _ = try? Shell.run("rm -f \(path)") }
    _ = try RecordingWriter(path)
    let error = #expect(throws: KernelError.self) { _ = try RecordingWriter(path) }
    #expect(error?.description.contains("EEXIST") == true)
  }

  @Test func aFullRecordingCanBeReplayed() throws {
    let path = "/tmp/rxtune-recording-\(UInt64.random(in: 0 ... .max)).jsonl"
    defer { _ = try? Shell.run("rm -f \(path)") }
    let writer = try RecordingWriter(path, limit: 10_000)
    let error = #expect(throws: KernelError.self) {
      for second in 0..<100 as Range<UInt64> {
        try writer.append(try machine.sample(second), machine.configuration)
      }
    }
    #expect(error?.description.contains("EFBIG") == true)
    let bytes = try LocalFile.read(path, as: .recording)
    #expect(bytes.count <= 10_000)
    #expect(try Recording.decode(bytes, from: "r").indices.count > 1)
  }

  /// Wherever it ends, the line that it ends in is named, or all lines are whole.
  @Test func aFileCutAnywhere() throws {
    let bytes = try recorded().bytes
    let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
    for length in stride(from: 0, to: bytes.count, by: 31) {
      let line = ends.filter { $0 < length }.count + 1
      do {
        let timeline = try Recording.decode(Array(bytes[..<length]), from: "r")
        #expect(timeline.indices.count < 3 || length >= bytes.count - 1)
      } catch {
        #expect(
          error.description.contains("line \(line)") || error.description.contains("no sample"),
          "\(length): \(error)")
      }
    }
  }

  @Test func whatIsWrongIsNamedWithItsLine() throws {
    let bytes = try recorded().bytes
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    func error(_ lines: [String]) -> String? {
      let text = lines.map { $0 + "\n" }.joined()
      return #expect(throws: RecordingError.self) {
        try Recording.decode(Array(text.utf8), from: "r.jsonl")
      }?.description
    }
    #expect(error([]) == "r.jsonl holds no sample")
    #expect(error([lines[0]]) == "r.jsonl holds no sample")
    #expect(error([lines[1]])?.hasPrefix("r.jsonl line 1: a sample without") == true)
    #expect(error([lines[0], lines[1], "{}"])?.contains("line 3 is cut short") == false)
    #expect(error([lines[0], "", "x", lines[1]])?.contains("r.jsonl line 3 ") == true)
    #expect(error([lines[0], #"{"sample":{"time":-1}}"#])?.contains("out of range") == true)
    #expect(error([lines[0], #"{"sample":{"time":1}}"#])?.contains("is missing") == true)
    let newer = #"{"configuration":{"devices":[]},"format":99}"#
    #expect(error([newer])?.contains("format 99") == true)
  }

  @Test func damagedFilesGiveErrorsOrRates() throws {
    let bytes = try recorded().bytes
    var generator = SplitMix(seed: 7)
    var read = 0
    for _ in 0..<120 {
      let damaged = Damage.random(bytes, using: &generator)
      guard let timeline = try? Recording.decode(damaged, from: "r") else { continue }
      read += 1
      for index in timeline.indices { _ = timeline.rates(at: index) }
    }
    #expect(read > 0, "damage that is always found tests nothing behind the reader")
  }

  @Test func extremesAreNoTrap() throws {
    let (bytes, _) = try recorded()
    let text = String(decoding: bytes, as: UTF8.self)
    for (old, new) in [
      ("\"clock\":1780000001", "\"clock\":\(Int64.max)"),
      ("\"clock\":1780000001", "\"clock\":\(Int64.min)"),
      ("\"time\":6000000000", "\"time\":\(UInt64.max)"),
      ("\"packets\":8000}", "\"packets\":\(UInt64.max)}"),
      ("\"number\":1,", "\"number\":\(Int.min),"),
      ("\"cpu\":0,", "\"cpu\":\(Int.max),"), ("\"irq\":40", "\"irq\":\(Int.min)"),
    ] {
      let pieces = text.split(separator: old, omittingEmptySubsequences: false)
      #expect(pieces.count > 1, "\(old)")
      let timeline = try Recording.decode(Array(pieces.joined(separator: new).utf8), from: "r")
      for index in timeline.indices {
        _ = timeline.rates(at: index)
        _ = timeline.index(nearest: .min)
        _ = timeline.index(nearest: .max)
      }
    }
  }
}

@Suite struct TimelineTests {
  @Test func theOldestGoFirstAndTheOthersKeepTheirNumbers() throws {
    let machine = SampledMachine()
    var timeline = Timeline(limit: 1_000)
    for second in 0..<200 as Range<UInt64> {
      timeline.append(try machine.sample(second), machine.configuration)
    }
    #expect(timeline.indices.upperBound == 200)
    #expect((3..<40).contains(timeline.indices.count))
    #expect(timeline.sample(at: 199)?.clock == SampledMachine.start + 199)
    #expect(timeline.rates(at: 199)?.seconds == 1)
    #expect(timeline.rates(at: timeline.indices.lowerBound)?.seconds == nil)
    #expect(timeline.rates(at: 0) == nil && timeline.rates(at: 200) == nil)
  }

  @Test func theNearestInTime() throws {
    let timeline = try SampledMachine().timeline(10)
    #expect(timeline.index(nearest: SampledMachine.start + 4) == 4)
    #expect(timeline.index(nearest: 0) == 0)
    #expect(timeline.index(nearest: .max) == 9)
    #expect(Timeline().index(nearest: 0) == nil)
  }
}

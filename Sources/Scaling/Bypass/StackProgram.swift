import Glibc

/// One process of `StackPrograms`, and what it last told of itself.
final class StackProgram {
  private(set) var counts = PacketCounts()
  private(set) var usage = ProcessUsage()
  /// Why its device's port came to its end, once it has.
  private var codeOfEnd: Int32?
  /// It tells no more.
  private var isOver = false

  private let process: SpawnedProcess
  private let channel: ControlChannel
  private let name: String

  /// Milliseconds that it may take to answer what takes no time.
  private static let patience: Int32 = 10_000

  /// - Parameter passing: a descriptor that is to have the same number there.
  init(_ path: String, _ arguments: [String], passing: Int32?) throws(BenchError) {
    name = path.split(separator: "/").last.map(String.init) ?? path
    process = try SpawnedProcess(path, arguments, passing: passing)
    channel = ControlChannel(input: process.output, output: process.input)
  }

  var output: Int32 { process.output }

  /// What it tells, a line of JSON each (Sources/rxtune-lwip/main.c).
  private struct Line: Decodable {
    struct Ready: Decodable { var group: UInt32 }
    struct Failed: Decodable {
      var step: String
      var code: Int32
      var queue: UInt32
    }
    struct Ended: Decodable { var code: Int32 }
    var ready: Ready?
    var failed: Failed?
    var counts: PacketCounts?
    var usage: ProcessUsage?
    var ended: Ended?
  }

  enum Message {
    case ready(group: UInt32)
    case failed(step: String, code: Int32, queue: UInt32)
    case counted
    /// With nothing more to follow.
    case over
  }

  /// Whether it is ready to serve, and else why not: DPDK takes its time to start, and waits for a link.
  func begin() throws(BenchError) -> Message { try receive(patience: 6 * Self.patience) }

  /// The next thing that it tells; blocks.
  @discardableResult func receive(
    patience: Int32 = StackProgram.patience
  ) throws(BenchError) -> Message {
    guard let line = try channel.receive(Line.self, patience: patience) else {
      isOver = true
      return .over
    }
    if let ready = line.ready { return .ready(group: ready.group) }
    if let failed = line.failed {
      return .failed(step: failed.step, code: failed.code, queue: failed.queue)
    }
    if let told = line.counts { counts = told }
    if let told = line.usage { usage = told }
    if let ended = line.ended { codeOfEnd = ended.code }
    return .counted
  }

  /// Has it count up to now; nothing where it has ended.
  func ask() {
    guard !isOver, (try? channel.write([UInt8(ascii: "\n")])) != nil else { return }
    _ = try? receive()
  }

  /// Its last words, up to its end.
  private func listen() { while !isOver, (try? receive()) != nil {} }

  var hasEnded: Bool { Interruption.isHungUp(process.output) }

  /// Lets it come to its end, with its last counts.
  func stop() {
    process.closeInput()
    listen()
    if !isOver { process.kill() }
    isOver = true
    process.wait()
  }

  var wasKilled: Bool { process.wasKilled }

  /// Why it has ended, unasked.
  func failure(on device: String) -> BenchError {
    stop()
    if let codeOfEnd { return .gone(device, codeOfEnd) }
    return BenchError("\(name) ended unexpectedly (\(process.ending))")
  }
}

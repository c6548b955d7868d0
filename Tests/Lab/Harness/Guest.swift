import CLab
import Foundation
import Synchronization

/// A booted guest: runs commands, carries files, and takes frames at the far side of its NICs.
///
/// Every call has a time limit. A guest that breaks one is dead from then on: it is killed, and the
/// error shows the end of its console.
final class Guest: Sendable {
  /// What a command in the guest did.
  struct Output: Sendable {
    let status: Int32
    let output: String
    let errors: String

    var succeeded: Bool { status == 0 }
  }

  let topology: Topology
  /// From the start of QEMU to the agent's greeting.
  let bootTime: Duration
  private let grace: Duration
  private let process: Process
  /// The guest lives until this pipe closes, by us or by the end of our process.
  private let lifeLine: Pipe
  private let errors: Pipe
  private let folder: URL
  private let agent: Mutex<Connection>
  private let monitor: Mutex<Connection>

  /// - Parameter grace: how much longer than a command's own time limit its answer is waited for.
  init(_ topology: Topology, grace: Duration = .seconds(30)) throws {
    self.grace = grace
    let start = ContinuousClock.now
    let deadline = start + .seconds(120)
    self.topology = topology
    folder = FileManager.default.temporaryDirectory.appending(
      path: "rxtune-lab-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    process = Process()
    lifeLine = Pipe()
    errors = Pipe()
    process.executableURL = Lab.folder.appending(path: "boot.sh")
    process.arguments = [topology.rawValue, folder.path]
    process.standardInput = lifeLine
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let process = process
    do {
      var monitor = try Connection(
        path: folder.appending(path: "qmp.sock").path, until: deadline
      ) { process.isRunning }
      _ = try monitor.line(until: deadline)
      try monitor.send("{\"execute\": \"qmp_capabilities\"}\n")
      _ = try monitor.line(until: deadline)
      var agent = try Connection(
        path: folder.appending(path: "agent.sock").path, until: deadline
      ) { process.isRunning }
      guard try agent.line(until: deadline).hasPrefix("ready") else {
        throw LabError("an agent that does not say ready")
      }
      self.monitor = Mutex(monitor)
      self.agent = Mutex(agent)
    } catch {
      throw Self.failure("\(topology.rawValue) did not boot", error, lifeLine, errors, process)
    }
    bootTime = start.duration(to: .now)
  }

  deinit { close() }

  var isAlive: Bool { process.isRunning }

  /// Ends the guest and everything that belongs to it.
  func close() {
    try? lifeLine.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  // MARK: In the guest

  /// Runs `script` by the guest's shell.
  func run(_ script: String, timeout: Duration = .seconds(60)) throws -> Output {
    let seconds = timeout.components.seconds
    let text = Data(script.utf8)
    return try ask("run \(seconds) \(text.count)\n", text, timeout, "running \(script.prefix(200))")
    {
      Output(
        status: $0, output: String(decoding: $1, as: UTF8.self),
        errors: String(decoding: $2, as: UTF8.self))
    }
  }

  /// The output of a script that must succeed, without the last newline.
  @discardableResult
  func shell(_ script: String, timeout: Duration = .seconds(60)) throws -> String {
    let output = try run(script, timeout: timeout)
    guard output.succeeded else {
      throw LabError(
        "\(topology.rawValue): \(script): status \(output.status)\n\(output.output)\(output.errors)"
      )
    }
    return String(output.output.hasSuffix("\n") ? output.output.dropLast() : output.output[...])
  }

  /// Writes a file in the guest.
  func put(_ bytes: Data, at path: String) throws {
    let status = try ask("put \(bytes.count) \(path)\n", bytes, .seconds(120), "writing \(path)") {
      status, _, _ in status
    }
    guard status == 0 else { throw LabError("\(topology.rawValue): cannot write \(path)") }
  }

  /// Reads a file of the guest.
  func get(_ path: String) throws -> Data {
    let (status, bytes) = try ask("get \(path)\n", Data(), .seconds(120), "reading \(path)") {
      status, bytes, _ in (status, bytes)
    }
    guard status == 0 else { throw LabError("\(topology.rawValue): no file \(path)") }
    return bytes
  }

  private func ask<Answer: Sendable>(
    _ request: String, _ bytes: Data, _ timeout: Duration, _ purpose: String,
    _ answer: @Sendable (Int32, Data, Data) -> Answer
  ) throws -> Answer {
    // The guest's own time limit answers first; a shared machine gets its grace.
    let deadline = ContinuousClock.now + timeout + grace
    do {
      return try agent.withLock { agent in
        try agent.send(request, bytes)
        let head = try agent.line(until: deadline).split(separator: " ").compactMap { Int($0) }
        guard head.count == 3 else { throw LabError("an answer that is none") }
        let output = try agent.bytes(head[1], until: deadline)
        return answer(Int32(clamping: head[0]), output, try agent.bytes(head[2], until: deadline))
      }
    } catch {
      throw Self.failure("\(topology.rawValue) died \(purpose)", error, lifeLine, errors, process)
    }
  }

  // MARK: Around the guest

  /// Runs a command of QEMU's monitor (QMP); the arguments are JSON.
  @discardableResult
  func monitor(_ command: String, _ arguments: String = "{}") throws -> String {
    try monitor.withLock { monitor in
      try monitor.send("{\"execute\": \"\(command)\", \"arguments\": \(arguments)}\n")
      let deadline = ContinuousClock.now + .seconds(30)
      while true {
        let line = try monitor.line(until: deadline)
        if line.hasPrefix("{\"return\"") { return line }
        if line.hasPrefix("{\"error\"") {
          throw LabError("\(topology.rawValue): \(command): \(line)")
        }
      }
    }
  }

  /// The far side of the guest's NIC `number`, in the order of the topology.
  func tap(_ number: Int = 0) throws -> Tap {
    try Tap(number, namespaceOf: process.processIdentifier)
  }

  /// Runs a command of the host in the network namespace that holds the taps.
  @discardableResult
  func host(_ command: String) throws -> Output {
    let nsenter = Process()
    let (output, errors) = (Pipe(), Pipe())
    nsenter.executableURL = URL(filePath: "/usr/bin/nsenter")
    nsenter.arguments = [
      "--net=/proc/\(process.processIdentifier)/ns/net", "timeout", "-s", "KILL", "60", "sh", "-c",
      command,
    ]
    nsenter.standardInput = FileHandle.nullDevice
    nsenter.standardOutput = output
    nsenter.standardError = errors
    try nsenter.run()
    let out = try output.fileHandleForReading.readToEnd() ?? Data()
    let err = try errors.fileHandleForReading.readToEnd() ?? Data()
    nsenter.waitUntilExit()
    return Output(
      status: nsenter.terminationStatus, output: String(decoding: out, as: UTF8.self),
      errors: String(decoding: err, as: UTF8.self))
  }

  /// Ends a guest that failed, and says what it said last.
  private static func failure(
    _ what: String, _ error: any Error, _ lifeLine: Pipe, _ errors: Pipe, _ process: Process
  ) -> LabError {
    try? lifeLine.fileHandleForWriting.close()
    let last = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    return LabError("\(what): \(error)\n\(String(decoding: last, as: UTF8.self))")
  }
}

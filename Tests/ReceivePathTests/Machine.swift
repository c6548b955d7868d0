import Foundation
import Glibc
import KernelIO
import ReceivePath
import Testing

/// What these tests need of the machine that they run on.
enum Machine {
  static let isRoot = getuid() == 0

  static func has(_ tool: String) -> Bool {
    ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"].contains {
      FileManager.default.isExecutableFile(atPath: $0 + tool)
    }
  }

  /// Runs a command and returns what it wrote; a failure of the command fails the test.
  @discardableResult
  static func run(_ command: String...) throws -> String {
    let outcome = try attempt(command)
    try #require(outcome.status == 0, "\(command.joined(separator: " ")): \(outcome.complaint)")
    return String(decoding: outcome.output, as: UTF8.self)
  }

  static func json(_ command: String...) throws -> [[String: Any]] {
    let output = try attempt(command).output
    return try #require(try JSONSerialization.jsonObject(with: output) as? [[String: Any]])
  }

  static func attempt(
    _ command: [String]
  ) throws -> (status: Int32, output: Data, complaint: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, data, String(decoding: complaint, as: UTF8.self))
  }
}

/// setns(2), which Swift's Glibc module lacks.
@_silgen_name("setns") private func setns(_ descriptor: Int32, _ kind: Int32) -> Int32

/// A network namespace of a test, with a sysfs of its own, gone when the test is over.
final class Lab {
  let name: String
  private let sysRoot: String

  init(_ name: String) throws {
    self.name = "rxsock-\(name)-\(getpid())"
    sysRoot = NSTemporaryDirectory() + self.name
    try Machine.run("ip", "netns", "add", self.name)
    try FileManager.default.createDirectory(atPath: sysRoot, withIntermediateDirectories: true)
    try Machine.run(
      "nsenter", "--net=/run/netns/\(self.name)", "mount", "-t", "sysfs", "rxsock", sysRoot)
    try ip("link", "set", "lo", "up")
  }

  deinit {
    _ = try? Machine.attempt(["umount", sysRoot])
    try? FileManager.default.removeItem(atPath: sysRoot)
    _ = try? Machine.attempt(["ip", "netns", "del", name])
  }

  func ip(_ arguments: String...) throws {
    let outcome = try Machine.attempt(["ip", "-n", name] + arguments)
    try #require(
      outcome.status == 0, "ip \(arguments.joined(separator: " ")): \(outcome.complaint)")
  }

  /// Runs `body` on this thread inside the namespace.
  ///
  /// - Parameter staleSysfs: leaves /sys as it was mounted, outside.
  func inside<Value>(staleSysfs: Bool = false, _ body: (ReceivePath.Host) throws -> Value) throws
    -> Value
  {
    let home = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    let there = unsafe open("/run/netns/\(name)", O_RDONLY | O_CLOEXEC)
    defer {
      close(home)
      close(there)
    }
    try #require(home >= 0 && there >= 0)
    try #require(setns(there, 0x4000_0000) == 0)
    defer { precondition(setns(home, 0x4000_0000) == 0, "cannot leave the namespace") }
    // /proc/net is the namespace of the process' first thread, not of this one.
    let kernel = LiveKernel(
      procRoot: "/proc/thread-self", sysRoot: staleSysfs ? "/sys" : sysRoot)
    return try body(ReceivePath.Host(kernel))
  }
}

/// Every prefix decodes, or throws what `decode` throws: it must never trap.
func everyPrefix(_ bytes: [UInt8], _ decode: ([UInt8]) throws -> Void) -> (whole: Int, cut: Int) {
  var outcome = (whole: 0, cut: 0)
  for count in 0...bytes.count {
    do {
      try decode(Array(bytes[..<count]))
      outcome.whole += 1
    } catch {
      outcome.cut += 1
    }
  }
  return outcome
}

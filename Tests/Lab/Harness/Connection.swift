import CLab
import Foundation
import Glibc

/// A stream to the guest's agent or to QEMU's monitor, on which nothing is waited for without end.
struct Connection: ~Copyable {
  private let descriptor: Int32
  private var received = Data()

  /// Waits for the socket to appear at `path`, as long as `isAlive` says that somebody may make it.
  init(path: String, until deadline: ContinuousClock.Instant, while isAlive: () -> Bool) throws {
    while true {
      let descriptor = unsafe lab_connect(path)
      if descriptor >= 0 {
        self.descriptor = descriptor
        return
      }
      guard isAlive(), ContinuousClock.now < deadline else { throw LabError("nobody at \(path)") }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  deinit { _ = Glibc.close(descriptor) }

  func send(_ text: String, _ bytes: Data = Data()) throws {
    let message = Array(text.utf8) + bytes
    guard unsafe lab_send(descriptor, message, message.count) == 0
    else { throw LabError("the guest is gone") }
  }

  /// The next line, without its end.
  mutating func line(until deadline: ContinuousClock.Instant) throws -> String {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[..<end], as: UTF8.self)
        received = Data(received[(end + 1)...])
        return line
      }
      try receive(until: deadline)
    }
  }

  mutating func bytes(_ count: Int, until deadline: ContinuousClock.Instant) throws -> Data {
    while received.count < count { try receive(until: deadline) }
    defer { received = Data(received.dropFirst(count)) }
    return Data(received.prefix(count))
  }

  private mutating func receive(until deadline: ContinuousClock.Instant) throws {
    let left = max(0, ContinuousClock.now.duration(to: deadline) / .milliseconds(1))
    var count = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
      count = unsafe lab_receive(
        descriptor, buffer.baseAddress, buffer.count, Int32(clamping: Int(left)))
      filled = max(0, count)
    }
    guard count != 0 else { throw LabError("no answer in time") }
    guard count > 0 else { throw LabError("the guest is gone") }
    received.append(contentsOf: bytes)
  }
}

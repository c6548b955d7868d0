import CLab
import Foundation

/// The far side of a guest's NIC: a frame written here arrives at the NIC as if from a wire.
struct Tap {
  let name: String
  /// The address of the guest's NIC.
  let mac: MAC
  private let socket: FileHandle

  init(_ number: Int, namespaceOf process: Int32) throws {
    name = "tap\(number)"
    mac = MAC(bytes: [0x52, 0x54, 0, 0x77, 0, UInt8(number)])
    let descriptor = unsafe lab_packet_socket(process, name)
    guard descriptor >= 0 else { throw LabError("no packet socket on \(name)") }
    socket = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Sends `count` packets of `flow`, slowly enough for a guest under emulation. Send no more than
  /// a ring holds before the guest took them: an overrun of a virtio ring with RSS wedges its queue
  /// until the guest is booted anew.
  func send(_ flow: Flow, count: Int = 1, padding: Int = 0) throws {
    let frame = Data(flow.frame(to: mac, padding: padding))
    for _ in 0..<count {
      try socket.write(contentsOf: frame)
      Thread.sleep(forTimeInterval: 0.0001)
    }
  }

  /// Sends a frame, unless the guest leaves the host no room for more.
  func send(_ frame: Data) {
    try? socket.write(contentsOf: frame)
  }

  /// Sends packets so far apart that each finds its queue asleep and raises an interrupt.
  func sendSlowly(_ flow: Flow, count: Int, every seconds: Double = 0.03) throws {
    for _ in 0..<count {
      try send(flow)
      Thread.sleep(forTimeInterval: seconds)
    }
  }
}

struct MAC: Hashable, Sendable {
  let bytes: [UInt8]
}

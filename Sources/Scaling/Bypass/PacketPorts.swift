import CKernel
import Glibc
import KernelIO

/// What a backend opens its ports for.
struct PacketOpening {
  let options: PacketServerOptions
  let device: PacketDevice
  let queues: [UInt32]
  let endpoint: UDPEndpoint
  /// nil where the backend's own sockets hold the port.
  let reserved: ReservedPort?
  /// Without what differs from port to port.
  let setup: rxtune_packet_setup

  /// Room for a packet in a ring that brings those of all queues together, which the kernel may have
  /// put together of several: a power of two.
  var frame: UInt32 {
    let bytes = max(device.mtu, UInt32(clamping: options.exchange.largest)) &+ 256
    var frame: UInt32 = 2048
    while frame < bytes && frame < 1 << 17 { frame <<= 1 }
    return frame
  }

  func explained(_ error: BenchError) -> BenchError {
    var error = error
    if error.errno == .notPermitted { error.hint = "needs root (CAP_NET_RAW)" }
    return error.within(device.name)
  }
}

/// One that is open; owned by `PacketPorts`.
@safe struct PacketPort {
  let pointer: UnsafeMutablePointer<rxtune_packet_port>
}

/// Ports that are open, and what brings them packets: gone when the last reference is, or the
/// process.
@safe final class PacketPorts {
  /// The thread of each, beside it.
  private(set) var all: [(port: PacketPort, thread: Int)] = []
  /// Of AF_XDP.
  var attachment: XDPAttachment?
  private let reserved: ReservedPort?

  init(reserved: ReservedPort? = nil) { self.reserved = reserved }

  deinit {
    attachment?.detach()
    for entry in all { unsafe rxtune_packets_close(entry.port.pointer) }
  }

  /// - Returns: the port's descriptor.
  @discardableResult
  func open(
    _ way: String, _ setup: inout rxtune_packet_setup, thread: Int
  ) throws(BenchError) -> Int32 {
    var port: UnsafeMutablePointer<rxtune_packet_port>?
    var step: UnsafePointer<CChar>?
    let code = unsafe rxtune_packets_open(way, &setup, &port, &step)
    guard code == 0, let port = unsafe port else {
      let words = unsafe step.map { unsafe String(cString: $0) } ?? "open"
      throw BenchError(words, Errno(rawValue: code))
    }
    unsafe all.append((PacketPort(pointer: port), thread))
    return unsafe port.pointee.descriptor
  }

  /// Ports that bring together what all queues receive: one for each thread.
  func openOnePerThread(_ way: String, _ opening: PacketOpening) throws(BenchError) {
    var setup = opening.setup
    setup.frame = opening.frame
    setup.frames = 4096
    for thread in 0..<opening.options.threads {
      do throws(BenchError) { try open(way, &setup, thread: thread) } catch {
        throw opening.explained(error)
      }
    }
  }

  func ports(of thread: Int) -> [PacketPort] { all.filter { $0.thread == thread }.map(\.port) }
}

/// A port that no other process of the host can have meanwhile, and for which the kernel answers
/// nothing, neither ICMP nor RST: what comes to its socket is dropped.
@safe final class ReservedPort {
  let port: UInt16
  private let descriptor: Int32

  init(_ address: SocketAddress, _ workload: Workload) throws(BenchError) {
    let type = workload.isStream ? SOCK_STREAM : SOCK_DGRAM
    let descriptor = socket(AF_INET, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw BenchError.last("socket for \(address)") }
    self.descriptor = descriptor
    do throws(BenchError) { port = try Self.bind(descriptor, to: address, workload) } catch {
      close(descriptor)
      throw error
    }
  }

  private static func bind(
    _ descriptor: Int32, to address: SocketAddress, _ workload: Workload
  ) throws(BenchError) -> UInt16 {
    let code = rxtune_drop_all(descriptor)
    guard code == 0 else { throw BenchError("SO_ATTACH_FILTER", Errno(rawValue: code)) }
    // Connections of a server before may be in TIME_WAIT.
    if workload.isStream {
      try Listener.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
    }
    guard unsafe address.withSockaddr({ unsafe Glibc.bind(descriptor, $0, $1) }) == 0 else {
      throw Listener.bindError(address)
    }
    guard !workload.isStream || listen(descriptor, 1) == 0 else {
      throw Listener.bindError(address)
    }
    return Listener.localPort(descriptor)
  }

  deinit { close(descriptor) }

  /// Packets that came this far.
  var dropped: UInt64 { rxtune_socket_drops(descriptor) }
}

import CKernel
import Glibc
import KernelIO
import Netlink

extension PacketBackend {
  /// A program at the device hands the packets of one address and port over before the stack sees
  /// them (networking/af_xdp.rst). All else still reaches the kernel.
  static let afXDP = PacketBackend(
    name: "af-xdp", abstract: "AF_XDP, packets taken from the device before the kernel's stack",
    workloads: [.udpRR, .receive], takesFrames: true, largestMTU: XDPFrame.largestMTU,
    isPerQueue: true
  ) { opening throws(BenchError) in
    let (ports, attachment) = try XDPAttachment.open(opening) { session, mode throws(BenchError) in
      let ports = PacketPorts(reserved: opening.reserved)
      try ports.openOnePerQueue(opening, session, mode)
      return ports
    }
    ports.attachment = attachment
    return PacketThreads(opening, ports)
  }
}

/// Where a device's packets meet an XDP program, and whether they are copied.
package enum XDPAttach: String, CaseIterable, Codable, Sendable {
  /// In the driver, which writes packets straight into the socket's memory.
  case zeroCopy = "zero-copy"
  /// In the driver; the packet is copied to the socket's memory.
  case native
  /// Before the stack, in any driver; the packet is copied.
  case generic

  package var abstract: String {
    switch self {
    case .zeroCopy: "in the driver, without a copy"
    case .native: "in the driver, copied once"
    case .generic: "behind the driver, which any device can"
    }
  }

  var andBelow: ArraySlice<XDPAttach> {
    Self.allCases[(Self.allCases.firstIndex(of: self) ?? 0)...]
  }
}

extension Errno {
  /// What a driver says that cannot do it so.
  fileprivate var isRefusalOfMode: Bool {
    [EOPNOTSUPP, EINVAL, ENOSPC, ERANGE, ENOSYS].contains(rawValue)
  }
}

/// Memory for one packet of an AF_XDP socket.
enum XDPFrame {
  /// What the kernel keeps before each packet (XDP_PACKET_HEADROOM).
  private static let headroom: UInt32 = 256
  /// Ethernet header and a VLAN tag.
  private static let header: UInt32 = 18
  /// A page: the largest that the kernel takes in aligned mode.
  private static let largest: UInt32 = 4096

  static let largestMTU = largest - headroom - header

  static func size(mtu: UInt32) -> UInt32 {
    mtu &+ headroom &+ header <= largest / 2 ? largest / 2 : largest
  }
}

extension PacketPorts {
  fileprivate func openOnePerQueue(
    _ opening: PacketOpening, _ session: BPFSession, _ mode: XDPAttach
  ) throws(BenchError) {
    var setup = opening.setup(ofXDP: mode)
    for (index, queue) in opening.queues.enumerated() {
      setup.queue = queue
      let port: Int32
      do throws(BenchError) {
        port = try open("af-xdp", &setup, thread: index % opening.options.threads)
      } catch { throw XDPAttachment.explained(error, opening.device, queue, mode) }
      do {
        try session.put(hostBytes(queue), hostBytes(port), in: XDPAttachment.sockets)
      } catch { throw XDPAttachment.explained(error, opening.device, mode) }
    }
  }
}

extension PacketOpening {
  /// Of a queue's socket.
  func setup(ofXDP mode: XDPAttach) -> rxtune_packet_setup {
    var setup = setup
    setup.frame = XDPFrame.size(mtu: device.mtu)
    // Half to receive, half to send.
    setup.frames = queues.count <= 8 ? 4096 : 1024
    setup.zero_copy = mode == .zeroCopy ? 1 : 0
    return setup
  }
}

/// The program at a device that brings packets to sockets, in the mode that the driver took.
final class XDPAttachment {
  /// The program's map of them, by queue.
  static let sockets = "sockets"

  let mode: XDPAttach
  /// Why modes tried before were refused.
  let refusals: [String]
  private let session: BPFSession

  private init(_ session: BPFSession, _ mode: XDPAttach, refusals: [String]) {
    self.session = session
    self.mode = mode
    self.refusals = refusals
  }

  /// - Parameter makeSockets: for all queues, in the session's map.
  static func open<Opened>(
    _ opening: PacketOpening,
    _ makeSockets: (BPFSession, XDPAttach) throws(BenchError) -> Opened
  ) throws(BenchError) -> (Opened, XDPAttachment) {
    var refusals: [String] = []
    for mode in opening.options.attach.andBelow {
      do throws(BenchError) {
        let session = try session(opening, mode)
        let sockets = try makeSockets(session, mode)
        // Last: no packet may come before there is a socket for it.
        do {
          try session.attach(toDevice: opening.device.ifindex, inDriver: mode != .generic)
        } catch { throw explained(error, opening.device, mode) }
        return (sockets, XDPAttachment(session, mode, refusals: refusals))
      } catch {
        guard opening.options.fallsBack, error.errno?.isRefusalOfMode == true,
          mode != .generic
        else { throw error }
        refusals.append("\(error)")
      }
    }
    throw BenchError("no XDP mode is left to try")
  }

  private static func session(
    _ opening: PacketOpening, _ mode: XDPAttach
  ) throws(BenchError) -> BPFSession {
    do {
      return try BPFSession(
        .xdp,
        options: [
          "address": UInt64(opening.endpoint.address),
          "port": UInt64(opening.endpoint.port.bigEndian),
          "protocol": UInt64(opening.setup.protocol),
        ])
    } catch { throw explained(error, opening.device, mode) }
  }

  func detach() { session.detachAll() }

  fileprivate static func explained(
    _ error: KernelError, _ device: PacketDevice, _ mode: XDPAttach
  ) -> BenchError {
    let hint: String? =
      switch error.errno {
      case .notPermitted: "needs root (CAP_BPF and CAP_NET_ADMIN)"
      case .some(let code) where code.rawValue == ENOSYS: "this kernel has no bpf(2)"
      case .busy, .exists:
        "another XDP program is attached: end its program, or ip link set \(device.name) xdp off"
      case _ where mode != .generic && error.operation == "attach":
        "the driver may want fewer or more channels, a smaller MTU, or have no XDP: use --xdp generic"
      default: nil
      }
    var text = "\(device.name): cannot \(error.operation) the \(error.place)"
    if error.operation == "attach" { text += " in \(mode.rawValue) mode" }
    if let words = error.extendedAck?.message { text += " (\(words))" }
    return BenchError(text, error.errno, hint: hint)
  }

  static func explained(
    _ error: BenchError, _ device: PacketDevice, _ queue: UInt32, _ mode: XDPAttach
  ) -> BenchError {
    var error = error
    switch error.errno?.rawValue {
    case EPERM: error.hint = "needs root (CAP_NET_RAW)"
    case EAFNOSUPPORT: error.hint = "this kernel has no AF_XDP (CONFIG_XDP_SOCKETS)"
    case ENOBUFS, ENOMEM:
      error.hint = "locked memory is short: raise ulimit -l, or run with CAP_IPC_LOCK"
    case EBUSY: error.hint = "another program has the queue for itself (AF_XDP); end it first"
    case EOPNOTSUPP where mode == .zeroCopy, EINVAL where mode == .zeroCopy:
      error.hint = "the driver has no zero-copy mode: use --xdp native"
    default: break
    }
    return error.within("\(device.name) rx-\(queue)")
  }
}

// Both libraries' headers declare struct nlmsghdr; it counts as the first one's that is read.
import CMnl
import CNl
import Glibc
import Netlink

/// A libmnl socket that asks and waits for the answer.
@safe final class NetlinkSocket {
  private let socket: OpaquePointer
  private var sequence: UInt32 = 0
  private var sendBuffer = [UInt8](repeating: 0, count: 4096)

  private static let headerSize = 16
  private enum Option {
    // linux/netlink.h; libmnl passes numbers through.
    static let extAck: Int32 = 11
    static let strictCheck: Int32 = 12
  }
  private static let dumpInterrupted: UInt16 = 0x10

  init(_ bus: NetlinkProtocol) throws(Errno) {
    guard let socket = unsafe mnl_socket_open2(bus.number, Int32(SOCK_CLOEXEC.rawValue)) else {
      throw Errno(rawValue: errno)
    }
    unsafe self.socket = socket
    // Not bound: the kernel gives it a port with the first question, and answers to that.
    // Kernels before 4.12 and 4.20 know no such options: their answers are only less telling.
    // sock_diag says nothing by them, and generic families check strictly unasked. NETLINK_CAP_ACK
    // would cost a call to spare a refusal the echo of a short request.
    let options =
      switch bus {
      case .route: [Option.extAck, Option.strictCheck]
      case .generic: [Option.extAck]
      case .sockDiag: [Int32]()
      }
    for option in options {
      var on: Int32 = 1
      _ = unsafe mnl_socket_setsockopt(socket, option, &on, 4)
    }
  }

  deinit { unsafe mnl_socket_close(socket) }

  /// - Parameter buffer: room for the longest answer.
  func exchange(
    _ request: NetlinkRequest, into buffer: inout [UInt8]
  ) throws(KernelError) -> [NetlinkMessage] {
    // A dump that the kernel marks as torn by a concurrent change is asked again.
    for _ in 0..<4 {
      try send(request)
      if let messages = try receive(request, into: &buffer) { return messages }
    }
    throw KernelError("netlink", request.subject, Errno(rawValue: EINTR))
  }

  private func send(_ request: NetlinkRequest) throws(KernelError) {
    sequence &+= 1
    let length = Self.headerSize + request.payload.count
    if sendBuffer.count < length + 64 { sendBuffer = [UInt8](repeating: 0, count: length + 64) }
    let sequence = sequence
    let sent = unsafe sendBuffer.withUnsafeMutableBytes { space -> Int in
      guard let base = space.baseAddress, let header = unsafe mnl_nlmsg_put_header(base) else {
        return -1
      }
      unsafe header.pointee.nlmsg_type = request.type
      unsafe header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST) | request.flags.rawValue
      unsafe header.pointee.nlmsg_seq = sequence
      if !request.payload.isEmpty,
        let space = unsafe mnl_nlmsg_put_extra_header(header, request.payload.count)
      {
        unsafe request.payload.withUnsafeBytes {
          unsafe space.copyMemory(
            from: $0.baseAddress ?? UnsafeRawPointer(base), byteCount: $0.count)
        }
      }
      return unsafe mnl_socket_sendto(socket, header, Int(header.pointee.nlmsg_len))
    }
    guard sent >= 0 else { throw KernelError("netlink", request.subject, Errno(rawValue: errno)) }
  }

  /// The replies; nil where a dump was torn.
  private func receive(
    _ request: NetlinkRequest, into buffer: inout [UInt8]
  ) throws(KernelError) -> [NetlinkMessage]? {
    var messages: [NetlinkMessage] = []
    var torn = false
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe mnl_socket_recvfrom(socket, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw KernelError("netlink", request.subject, Errno(rawValue: errno))
      }
      for frame in frames(buffer, count) {
        if frame.flags & Self.dumpInterrupted != 0 { torn = true }
        switch Int32(frame.message.type) {
        case NLMSG_NOOP: continue
        case NLMSG_ERROR, NLMSG_DONE:
          try check(frame, request)
          return torn ? nil : messages
        default:
          messages.append(frame.message)
          let hasEnd = request.flags.contains(.dump) || request.flags.contains(.acknowledge)
          if !hasEnd { return messages }
        }
      }
    }
  }

  private struct Frame {
    var flags: UInt16
    var message: NetlinkMessage
  }

  /// The messages of one datagram that answer the request last sent, as libmnl validates them.
  private func frames(_ buffer: [UInt8], _ count: Int) -> [Frame] {
    unsafe buffer.withUnsafeBytes { bytes in
      var frames: [Frame] = []
      guard let base = bytes.baseAddress else { return [] }
      var header: UnsafePointer<nlmsghdr>? = unsafe base.assumingMemoryBound(to: nlmsghdr.self)
      var left = Int32(clamping: count)
      while let message = unsafe header, unsafe mnl_nlmsg_ok(message, left) {
        if unsafe mnl_nlmsg_seq_ok(message, sequence) {
          let payload = unsafe UnsafeRawBufferPointer(
            start: mnl_nlmsg_get_payload(message), count: mnl_nlmsg_get_payload_len(message))
          unsafe frames.append(
            Frame(
              flags: message.pointee.nlmsg_flags,
              message: NetlinkMessage(type: message.pointee.nlmsg_type, payload: [UInt8](payload))))
        }
        unsafe header = unsafe UnsafePointer(mnl_nlmsg_next(message, &left))
      }
      return frames
    }
  }

  private func check(_ frame: Frame, _ request: NetlinkRequest) throws(KernelError) {
    let status: NetlinkStatus
    do {
      status = try NetlinkStatus(
        payload: frame.message.payload, flags: frame.flags,
        echoesRequest: Int32(frame.message.type) == NLMSG_ERROR)
    } catch {
      throw KernelError(request.subject, error)
    }
    guard status.errno == 0 else {
      throw KernelError(
        "netlink", request.subject, .errno(Errno(rawValue: status.errno)),
        extendedAck: status.extendedAck)
    }
  }
}

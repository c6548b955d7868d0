// Both libraries' headers declare struct nlmsghdr; it counts as the first one's that is read.
import CMnl
import CNl
import Glibc
import Netlink

/// Listens to what the kernel announces of this network namespace's devices: link changes
/// (rtnetlink) and ethtool's `monitor` group, where this kernel has it (since 5.6).
///
/// Use it on one thread at a time.
package final class EventMonitor {
  private var channels: [Channel]

  /// - Parameter kernel: the kernel to ask for the group's number, in the namespace of the
  ///   calling thread.
  package init(_ kernel: LiveKernel) throws(KernelError) {
    channels = [try Channel(.route, group: Self.linkGroup, "link group")]
    if let group = try Self.ethtoolGroup(kernel) {
      channels.append(try Channel(.generic, group: group, "ethtool monitor group"))
    }
  }

  /// RTNLGRP_LINK (linux/rtnetlink.h).
  private static let linkGroup: UInt32 = 1

  private static func ethtoolGroup(_ kernel: LiveKernel) throws(KernelError) -> UInt32? {
    do { return try kernel.family("ethtool").group("monitor") } catch {
      if error.kind == .absent { return nil }
      throw error
    }
  }

  /// What was announced since the last call, waiting for the first of it.
  ///
  /// Empty when the time is up, or when a signal came in: a Ctrl-C is the caller's to see.
  /// - Parameter timeoutMilliseconds: below 0 waits without end.
  package func wait(timeoutMilliseconds: Int32) throws(KernelError) -> [DeviceEvent] {
    var descriptors = channels.map {
      pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
    }
    let ready = unsafe poll(&descriptors, nfds_t(descriptors.count), timeoutMilliseconds)
    guard ready >= 0 else {
      if errno == EINTR { return [] }
      throw KernelError("poll", "event sockets", Errno(rawValue: errno))
    }
    var events: [DeviceEvent] = []
    for (channel, descriptor) in zip(channels, descriptors) where descriptor.revents != 0 {
      events += try channel.drain()
    }
    return events
  }
}

/// One libnl socket that has joined one group.
@safe private final class Channel {
  private let socket: OpaquePointer
  private let bus: NetlinkProtocol
  private let place: String
  /// Where libnl's callback puts what came, until `drain` takes it.
  private var received: [NetlinkMessage] = []

  /// A burst (a driver that resets) fits; the kernel caps it at net.core.rmem_max.
  private static let receiveBuffer: Int32 = 1 << 20

  init(_ bus: NetlinkProtocol, group: UInt32, _ place: String) throws(KernelError) {
    guard let socket = unsafe nl_socket_alloc() else {
      throw KernelError("monitor", place, Errno(rawValue: ENOMEM))
    }
    unsafe self.socket = socket
    self.bus = bus
    self.place = place
    // Announcements answer no request: their sequence number is 0.
    unsafe nl_socket_disable_seq_check(socket)
    try check(unsafe nl_connect(socket, bus.number))
    try check(unsafe nl_socket_set_nonblocking(socket))
    try check(unsafe nl_socket_set_buffer_size(socket, Self.receiveBuffer, 0))
    unsafe nl_socket_enable_msg_peek(socket)
    try check(
      unsafe nl_socket_modify_cb(
        socket, NL_CB_VALID, NL_CB_CUSTOM,
        { message, context in
          guard let message = unsafe message, let context = unsafe context else { return 0 }
          unsafe Unmanaged<Channel>.fromOpaque(context).takeUnretainedValue().take(message)
          return 0
        }, Unmanaged.passUnretained(self).toOpaque()))
    try check(unsafe nl_socket_add_membership(socket, Int32(clamping: group)))
  }

  deinit { unsafe nl_socket_free(socket) }

  var descriptor: Int32 { unsafe nl_socket_get_fd(socket) }

  private func take(_ message: OpaquePointer) {
    guard let header = unsafe nlmsg_hdr(message), let data = unsafe nlmsg_data(header) else {
      return
    }
    let payload = unsafe UnsafeRawBufferPointer(
      start: data, count: max(0, Int(nlmsg_datalen(header))))
    unsafe received.append(
      NetlinkMessage(type: header.pointee.nlmsg_type, payload: [UInt8](payload)))
  }

  /// Everything that waits in the socket.
  func drain() throws(KernelError) -> [DeviceEvent] {
    var events: [DeviceEvent] = []
    while true {
      errno = 0
      let code = unsafe nl_recvmsgs_default(socket)
      let systemCode = errno
      for message in received {
        if let event = try decode(message) { events.append(event) }
      }
      received = []
      switch -code {
      case 0: continue
      case NLE_AGAIN, NLE_INTR: return events
      // ENOBUFS: the socket's buffer ran over.
      case NLE_NOMEM where systemCode == ENOBUFS: events.append(.lost)
      default: try check(code)
      }
    }
  }

  private func decode(_ message: NetlinkMessage) throws(KernelError) -> DeviceEvent? {
    do {
      return switch bus {
      case .route: try DeviceEvent(link: message)
      case .generic, .sockDiag: try DeviceEvent(ethtool: message)
      }
    } catch {
      throw KernelError(place, error)
    }
  }

  /// libnl tells errors by numbers of its own, behind which the system's errno mostly stands.
  private func check(_ code: Int32) throws(KernelError) {
    guard code < 0 else { return }
    let cause = Errno(rawValue: errno == 0 ? EIO : errno)
    let words = unsafe nl_geterror(code).map { unsafe String(cString: $0) }
    throw KernelError("monitor", place, .errno(cause), extendedAck: ExtendedAck(message: words))
  }
}

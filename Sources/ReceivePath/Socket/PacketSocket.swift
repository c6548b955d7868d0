package import KernelIO
package import Netlink

/// A socket that sees packets before the protocols do, as captures and intrusion detection open it
/// (packet(7)): a line of /proc/net/packet (net/packet/af_packet.c, packet_seq_show), of this
/// network namespace.
package struct PacketSocket: Hashable, Sendable {
  /// The device that it is bound to; nil: all.
  package var ifindex: Int32?
  /// EtherType, such as 0x0800; 3 (ETH_P_ALL) is every packet.
  package var ethertype: UInt16
  /// False while nothing is delivered to it.
  package var isRunning: Bool
  package var inode: UInt32

  /// ETH_P_ALL (linux/if_ether.h).
  private static let all: UInt16 = 3

  /// Gets every packet, unless a filter of its own says otherwise.
  package var getsAll: Bool { isRunning && ethertype == Self.all }

  /// What /proc/net/packet holds. Columns: address, references, type, protocol (hex), interface,
  /// running, memory, user, inode.
  package static func table(decoding bytes: [UInt8]) throws(DecodeError) -> [PacketSocket] {
    var reader = TextReader(bytes, "/proc/net/packet")
    var sockets: [PacketSocket] = []
    guard try reader.nextLine() else { throw reader.error("the header is missing") }
    while try reader.nextLine() {
      if reader.atEndOfLine() { continue }
      for _ in 0..<3 where reader.word() == nil { throw reader.error("the line is cut short") }
      let ethertype = try reader.required("the protocol", radix: 16)
      let ifindex = try reader.required("the interface")
      let running = try reader.required("whether it runs")
      for _ in 0..<2 where reader.word() == nil { throw reader.error("the line is cut short") }
      let inode = try reader.required("the inode")
      sockets.append(
        PacketSocket(
          ifindex: ifindex == 0 ? nil : Int32(clamping: ifindex),
          ethertype: UInt16(truncatingIfNeeded: ethertype), isRunning: running != 0,
          inode: UInt32(truncatingIfNeeded: inode)))
    }
    return sockets
  }

  package init(ifindex: Int32?, ethertype: UInt16, isRunning: Bool, inode: UInt32) {
    self.ifindex = ifindex
    self.ethertype = ethertype
    self.isRunning = isRunning
    self.inode = inode
  }
}

extension Host {
  /// Absent in a kernel without packet sockets.
  package func packetSockets() throws(KernelError) -> [PacketSocket] {
    let path = KernelPath.proc("net/packet")
    let bytes = try kernel.read(path)
    return try decoding(path.description) { () throws(DecodeError) in
      try PacketSocket.table(decoding: bytes)
    }
  }
}

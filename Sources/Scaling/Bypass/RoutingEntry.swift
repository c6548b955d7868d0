import KernelIO
import Netlink

/// An address or a route of a device, as rtnetlink tells it: enough to have it made again for a device
/// of another index.
struct RoutingEntry: Codable, Hashable, Sendable {
  /// RTM_NEWADDR or RTM_NEWROUTE.
  var type: UInt16
  var header: [UInt8]
  var attributes: [Part]

  struct Part: Codable, Hashable, Sendable {
    var type: UInt16
    var value: [UInt8]
  }

  /// What there is of a kind: its dump, and how a message of it names its device.
  private struct Kind: Sendable {
    var word: String
    var made: UInt16
    var asked: UInt16
    var headerSize: Int
    /// Where the header holds the index; nil where an attribute does.
    var indexOffset: Int?
    var isKept: @Sendable (_ header: [UInt8]) -> Bool

    /// `struct ifaddrmsg` (linux/if_addr.h): family, prefix length, flags, scope, index. What the kernel
    /// makes itself is not kept: addresses of the link alone, and those that a router announced.
    static let address = Kind(
      word: "an address", made: 20, asked: 22, headerSize: 8, indexOffset: 4
    ) { header in
      let permanent: UInt8 = 0x80
      let link: UInt8 = 253
      return header[2] & permanent != 0 && header[3] != link
    }

    /// `struct rtmsg` (linux/rtnetlink.h): family, two lengths, tos, table, protocol, scope, type, flags.
    /// The kernel makes its own, and those that a router announced, by itself.
    static let route = Kind(word: "a route", made: 24, asked: 26, headerSize: 12) { header in
      let own: [UInt8] = [2, 9]
      return !own.contains(header[5])
    }
  }

  private static let outgoing: UInt16 = 4

  /// In the order to make them in: addresses first, as routes may need them, and IPv6's from the last
  /// on, as the kernel puts a new one before the others.
  static func all(ofDevice index: Int32, _ kernel: some Kernel) throws(KernelError)
    -> [RoutingEntry]
  {
    let addresses = try all(.address, index, kernel)
    return try addresses.filter { !$0.isIPv6 } + addresses.filter(\.isIPv6).reversed()
      + all(.route, index, kernel)
  }

  /// By the header's first byte, the family.
  private var isIPv6: Bool { header.first == 10 }

  private static func all(
    _ kind: Kind, _ index: Int32, _ kernel: some Kernel
  ) throws(KernelError) -> [RoutingEntry] {
    let subject = "\(kind.word) of a device"
    let replies = try kernel.netlink(
      NetlinkRequest(
        .route, type: kind.asked, flags: .dump,
        payload: [UInt8](repeating: 0, count: kind.headerSize), subject: subject))
    var entries: [RoutingEntry] = []
    for reply in replies where reply.type == kind.made {
      let attributes: [Part]
      do {
        attributes = try reply.attributes(after: kind.headerSize, subject).map {
          Part(type: $0.type, value: Array($0.payload))
        }
      } catch { throw KernelError(subject, error) }
      let header = Array(reply.payload.prefix(kind.headerSize))
      let named =
        if let offset = kind.indexOffset { Array(header[offset..<offset + 4]) } else {
          attributes.first { $0.type == outgoing }?.value ?? []
        }
      guard named == hostBytes(index), kind.isKept(header) else { continue }
      entries.append(RoutingEntry(type: kind.made, header: header, attributes: attributes))
    }
    return entries
  }

  /// Makes it for another device; one that is there already stays.
  func make(forDevice index: Int32, _ kernel: some Kernel) throws(KernelError) {
    let kind = type == Kind.address.made ? Kind.address : .route
    guard header.count == kind.headerSize else { return }
    var header = header
    if let offset = kind.indexOffset {
      header.replaceSubrange(offset..<offset + 4, with: hostBytes(index))
    } else {
      // That its device is down (RTNH_F_DEAD, RTNH_F_LINKDOWN) is nothing to ask for.
      header[8] &= ~0x11
    }
    var writer = AttributeWriter(header: header)
    for part in attributes {
      let isIndex = kind.indexOffset == nil && part.type == Self.outgoing
      writer.put(part.type, bytes: isIndex ? hostBytes(index) : part.value)
    }
    do throws(KernelError) {
      _ = try kernel.netlink(
        NetlinkRequest(
          .route, type: type, flags: [.createExclusive, .acknowledge], payload: writer.bytes,
          subject: "add \(kind.word)"))
    } catch  where error.errno == .exists {}
  }
}

package import KernelIO
import Netlink
package import Notation

/// An IPv6 address of a device (/proc/net/if_inet6, of net/ipv6/addrconf.c).
package struct InterfaceAddress: Hashable, Sendable {
  package var device: String
  /// Of its link alone (fe80::/10).
  package var isLinkLocal: Bool

  /// "fe80…01 02 40 20 80 eth0": address, ifindex, prefix length, scope and flags in hexadecimal,
  /// device; nil for another line.
  init?(_ line: some StringProtocol) {
    let fields = line.split(separator: " ")
    guard fields.count == 6 else { return nil }
    device = String(fields[5])
    isLinkLocal = fields[3] == "20"
  }
}

extension Host {
  /// Of this network namespace, by device.
  package func ipv6Addresses() throws(KernelError) -> [InterfaceAddress] {
    try kernel.text(.proc("net/if_inet6")).split(separator: "\n").compactMap {
      InterfaceAddress($0)
    }
  }
}

/// An IPv4 address of a device (RTM_NEWADDR; linux/if_addr.h).
package struct IPv4InterfaceAddress: Hashable, Sendable {
  package var ifindex: Int32
  package var address: IPAddress

  private enum Key: UInt16 { case local = 2 }
  /// `struct ifaddrmsg`.
  static let headerSize = 8

  /// nil for an address of another family.
  init?(decoding message: NetlinkMessage) throws(DecodeError) {
    var header = ByteReader(message.payload, "address")
    let family: UInt8 = try header.integer("ifa_family")
    try header.skip(3, "prefix length, flags, scope")
    ifindex = try header.integer("ifa_index")
    let attributes = try message.attributes(after: Self.headerSize, "address")
    guard family == 2, let address = IPAddress(bytes: try attributes.required(Key.local).payload)
    else { return nil }
    self.address = address
  }
}

extension Host {
  /// Of this network namespace, in the kernel's order: a device's first one is its primary address.
  package func ipv4Addresses() throws(KernelError) -> [IPv4InterfaceAddress] {
    let getAddress: UInt16 = 22
    let subject = "IPv4 addresses"
    let header = [2] + [UInt8](repeating: 0, count: IPv4InterfaceAddress.headerSize - 1)
    let replies = try kernel.netlink(
      NetlinkRequest(.route, type: getAddress, flags: .dump, payload: header, subject: subject))
    return try decoding(subject) { () throws(DecodeError) in
      var addresses: [IPv4InterfaceAddress] = []
      for reply in replies {
        if let address = try IPv4InterfaceAddress(decoding: reply) { addresses.append(address) }
      }
      return addresses
    }
  }
}

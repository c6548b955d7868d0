package import KernelIO

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

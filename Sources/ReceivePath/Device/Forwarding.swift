package import KernelIO

/// Whether the network namespace forwards packets between devices: net.ipv4.ip_forward and
/// net.ipv6.conf.all.forwarding (networking/ip-sysctl.rst).
package struct Forwarding: Hashable, Sendable {
  package var ipv4: Bool
  /// nil without IPv6.
  package var ipv6: Bool?

  package var isOn: Bool { ipv4 || ipv6 == true }

  package init(ipv4: Bool, ipv6: Bool?) {
    self.ipv4 = ipv4
    self.ipv6 = ipv6
  }
}

extension Host {
  package func forwarding() throws(KernelError) -> Forwarding {
    let ipv4 = try kernel.integer(.proc("sys/net/ipv4/ip_forward")) != 0
    let ipv6 = try? kernel.integer(.proc("sys/net/ipv6/conf/all/forwarding"))
    return Forwarding(ipv4: ipv4, ipv6: ipv6.map { $0 != 0 })
  }
}

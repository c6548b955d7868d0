package import KernelIO
package import ReceivePath

/// Devices of the machine, and how they stand on each other.
extension HostSettings {
  package func link(_ device: String) -> Link? { try? names.link(device) }

  package func peer(of link: Link) -> String? {
    guard link.lowerNamespace == nil, let index = link.lower else { return nil }
    return (try? host.link(index: index))?.name
  }

  package func arrivals(of device: String) -> Arrivals? {
    guard let link = link(device), let all = try? allLinks ?? host.links() else { return nil }
    allLinks = all
    return host.arrivals(link, all)
  }

  package func mtuFollowers(
    of device: String, mtu: UInt32
  ) throws(KernelError) -> [MTUFollower] {
    try host.mtuFollowers(of: device, mtu: mtu)
  }

  package var devicesWithIPv6: Set<String> {
    let addresses = (try? host.ipv6Addresses()) ?? []
    return Set(addresses.filter { !$0.isLinkLocal }.map(\.device))
  }
}

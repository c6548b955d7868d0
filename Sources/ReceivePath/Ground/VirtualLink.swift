package import KernelIO
import Netlink
package import Notation

/// What makes a link between two network namespaces (linux/if_link.h, if_addr.h, veth.h).
extension Host {
  /// A pair of veth devices of one name: one here, one in the network namespace of a process.
  package func makeVethPair(_ name: String, inNamespaceOf process: Int32) throws(KernelError) {
    let namespaceOfProcess: UInt16 = 19
    let vethPeer: UInt16 = 1
    var request = AttributeWriter(header: Link.header(index: 0))
    request.put(Link.Key.name.rawValue, name)
    request.nest(Link.Key.linkInfo.rawValue) { info in
      info.put(Link.InfoKey.kind.rawValue, "veth")
      info.nest(Link.InfoKey.data.rawValue) { data in
        var other = AttributeWriter(header: Link.header(index: 0))
        other.put(Link.Key.name.rawValue, name)
        other.put(namespaceOfProcess, UInt32(bitPattern: process))
        data.put(vethPeer, bytes: other.bytes)
      }
    }
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: Link.newLink, flags: [.acknowledge, .createExclusive],
        payload: request.bytes, subject: "create veth \(name)"))
  }

  package func takeUp(_ link: Link) throws(KernelError) {
    let up = Link.Flags.up.rawValue
    let header = [0, 0, 0, 0] + hostBytes(link.index) + hostBytes(up) + hostBytes(up)
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: Link.newLink, flags: .acknowledge, payload: header,
        subject: "take \(link.name) up"))
  }

  package func add(
    _ address: IPAddress, prefixLength: UInt8, to link: Link
  ) throws(KernelError) {
    let newAddress: UInt16 = 20
    let localAddress: UInt16 = 2
    // `struct ifaddrmsg`: AF_INET or AF_INET6, prefix length, flags, scope, index.
    let header = [address.isIPv6 ? 10 : 2, prefixLength, 0, 0] + hostBytes(link.index)
    var request = AttributeWriter(header: header)
    request.put(localAddress, bytes: address.bytes)
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: newAddress, flags: [.acknowledge, .createExclusive], payload: request.bytes,
        subject: "add \(address) to \(link.name)"))
  }
}

package import KernelIO
import Netlink
package import Notation

/// What makes a link between two network namespaces (linux/if_addr.h, linux/veth.h).
extension Host {
  /// A pair of veth devices of one name: one here, one in the network namespace of a process.
  package func makeVethPair(
    _ name: String, inNamespaceOf process: Int32, queues: UInt32? = nil
  ) throws(KernelError) {
    let vethPeer: UInt16 = 1
    var request = AttributeWriter(header: LinkMessage.Header().bytes)
    request.put(LinkMessage.Key.name.rawValue, name)
    // A queue that receives needs one of the other end's that sends.
    func put(_ queues: UInt32, _ writer: inout AttributeWriter) {
      writer.put(LinkMessage.Key.txQueues.rawValue, queues)
      writer.put(LinkMessage.Key.rxQueues.rawValue, queues)
    }
    if let queues { put(queues, &request) }
    request.nest(LinkMessage.Key.linkInfo.rawValue) { info in
      info.put(LinkMessage.InfoKey.kind.rawValue, "veth")
      info.nest(LinkMessage.InfoKey.data.rawValue) { data in
        var other = AttributeWriter(header: LinkMessage.Header().bytes)
        other.put(LinkMessage.Key.name.rawValue, name)
        other.put(LinkMessage.Key.process.rawValue, UInt32(bitPattern: process))
        if let queues { put(queues, &other) }
        data.put(vethPeer, bytes: other.bytes)
      }
    }
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: LinkMessage.new.rawValue, flags: [.acknowledge, .createExclusive],
        payload: request.bytes, subject: "create veth \(name)"))
  }

  package func takeUp(_ link: Link) throws(KernelError) {
    let up = Link.Flags.up.rawValue
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: LinkMessage.new.rawValue, flags: .acknowledge,
        payload: LinkMessage.Header(index: link.index, flags: up, change: up).bytes,
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

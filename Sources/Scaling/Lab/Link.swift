import CKernel
import Glibc
import KernelIO
import Knobs
import Netlink

/// One end of the link between server and load, in a network namespace of its own.
package struct LinkEnd: Codable, Hashable, Sendable {
  /// The process whose namespace the other end goes to; nil where that end has been made.
  package var peer: Int32?
  /// IPv4 addresses, of a /15.
  package var addresses: [String]
  /// CPUs that take this end's packets (rps_cpus): without them the sender's CPU would.
  package var receiveCPUs: [Int]
}

/// Builds the link by rtnetlink, from inside the namespaces: the host's own is never touched.
enum Link {
  static let name = "rxtune0"
  /// RFC 2544's network for benchmarks.
  static let serverAddress = "198.18.0.1"
  static let prefixLength: UInt8 = 15

  /// The addresses that load comes from.
  static func clientAddresses(_ count: Int) -> [String] {
    (0..<max(1, min(count, 4096))).map { "198.19.\($0 / 250).\($0 % 250 + 1)" }
  }

  // linux/rtnetlink.h, if_link.h, if_addr.h, veth.h
  private static let newLink: UInt16 = 16
  private static let newAddress: UInt16 = 20
  private enum Attributes {
    static let addressLocal: UInt16 = 2
    static let linkName: UInt16 = 3
    static let linkInfo: UInt16 = 18
    static let linkProcess: UInt16 = 19
    static let infoKind: UInt16 = 1
    static let infoData: UInt16 = 2
    static let vethPeer: UInt16 = 1
  }

  /// Enters a network namespace of this process's own, which ends with it. The process must be
  /// of one thread.
  static func isolate() throws(BenchError) {
    let code = rxtune_enter_new_network()
    guard code == 0 else {
      throw BenchError(
        "enter a network namespace", Errno(rawValue: code),
        hint: code == EPERM ? "needs root; --no-netns measures on loopback" : nil)
    }
  }

  static func setUp(_ end: LinkEnd, _ kernel: some Kernel) throws(BenchError) {
    do throws(KernelError) {
      try up(1, kernel)
      if let peer = end.peer { try makePair(peer, kernel) }
      let index = Int32(bitPattern: unsafe if_nametoindex(name))
      guard index > 0 else { throw KernelError("find", name, Errno(rawValue: errno)) }
      for address in end.addresses { try add(address, index, kernel) }
      try up(index, kernel)
      let cpus = CPUSet(end.receiveCPUs)
      if !cpus.isEmpty {
        let file = KernelPath.sys("class/net/\(name)/queues/rx-0/rps_cpus")
        try kernel.write(file, Array(cpus.mask.utf8))
      }
    } catch {
      throw BenchError("make a link between two namespaces: \(error)")
    }
  }

  private static func makePair(_ peer: Int32, _ kernel: some Kernel) throws(KernelError) {
    var request = AttributeWriter(header: linkHeader(0))
    request.put(Attributes.linkName, name)
    request.nest(Attributes.linkInfo) { info in
      info.put(Attributes.infoKind, "veth")
      info.nest(Attributes.infoData) { data in
        var other = AttributeWriter(header: linkHeader(0))
        other.put(Attributes.linkName, name)
        other.put(Attributes.linkProcess, UInt32(bitPattern: peer))
        data.put(Attributes.vethPeer, bytes: other.bytes)
      }
    }
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: newLink, flags: [.acknowledge, .createExclusive], payload: request.bytes,
        subject: "create veth \(name)"))
  }

  private static func up(_ index: Int32, _ kernel: some Kernel) throws(KernelError) {
    let flag = UInt32(IFF_UP)
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: newLink, flags: .acknowledge,
        payload: linkHeader(index, flags: flag, change: flag), subject: "set link \(index) up"))
  }

  private static func add(_ address: String, _ index: Int32, _ kernel: some Kernel)
    throws(KernelError)
  {
    // struct ifaddrmsg
    let header = [UInt8(AF_INET), prefixLength, 0, 0] + bytes(UInt32(bitPattern: index))
    var request = AttributeWriter(header: header)
    let digits = address.split(separator: ".").compactMap { UInt8($0) }
    request.put(Attributes.addressLocal, bytes: digits)
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: newAddress, flags: [.acknowledge, .createExclusive], payload: request.bytes,
        subject: "add \(address) to \(name)"))
  }

  /// `struct ifinfomsg`
  private static func linkHeader(_ index: Int32, flags: UInt32 = 0, change: UInt32 = 0) -> [UInt8] {
    [0, 0, 0, 0] + bytes(UInt32(bitPattern: index)) + bytes(flags) + bytes(change)
  }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
  }
}

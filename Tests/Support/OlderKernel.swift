package import KernelIO
package import Netlink

/// A kernel as it was before some generic netlink families: "ethtool" came with 5.6, "netdev" with
/// 6.3. All else is answered by the kernel below.
package final class OlderKernel: Kernel {
  private let kernel: any Kernel
  private let missing: [NetlinkRequest]

  package init(_ kernel: any Kernel, without families: [String] = ["ethtool", "netdev"]) {
    self.kernel = kernel
    missing = families.map { GenericFamily.request(named: $0) }
  }

  package func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    guard !missing.contains(request) else {
      throw KernelError("netlink", request.subject, .noEntry)
    }
    return try kernel.netlink(request)
  }

  package func read(_ path: KernelPath) throws(KernelError) -> [UInt8] { try kernel.read(path) }
  package func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    try kernel.write(path, bytes)
  }
  package func list(_ path: KernelPath) throws(KernelError) -> [String] { try kernel.list(path) }
  package func readLink(_ path: KernelPath) throws(KernelError) -> String {
    try kernel.readLink(path)
  }
  package func mode(_ path: KernelPath) throws(KernelError) -> UInt16 { try kernel.mode(path) }
  package func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    try kernel.ethtool(device, data)
  }
}

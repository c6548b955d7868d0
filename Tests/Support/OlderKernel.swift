package import KernelIO
package import Netlink

/// A kernel as it was before some generic netlink families: "ethtool" came with 5.6, "netdev" with
/// 6.3. All else is answered by the kernel below.
package final class OlderKernel: LayeredKernel {
  package let kernel: any Kernel
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
}

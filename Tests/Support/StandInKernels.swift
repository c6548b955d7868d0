package import KernelIO
package import Netlink

/// A kernel that has nothing but what the stand-in answers itself.
package protocol BareKernel: Kernel {}

extension BareKernel {
  package func read(_ path: KernelPath) throws(KernelError) -> [UInt8] {
    throw KernelError("read", path.description, .noEntry)
  }
  package func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    throw KernelError("write", path.description, .noEntry)
  }
  package func list(_ path: KernelPath) throws(KernelError) -> [String] {
    throw KernelError("list", path.description, .noEntry)
  }
  package func readLink(_ path: KernelPath) throws(KernelError) -> String {
    throw KernelError("readlink", path.description, .noEntry)
  }
  package func mode(_ path: KernelPath) throws(KernelError) -> UInt16 {
    throw KernelError("stat", path.description, .noEntry)
  }
  package func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    throw KernelError("netlink", request.subject, .noEntry)
  }
  package func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    throw KernelError("SIOCETHTOOL", device, .notSupported)
  }
}

/// A kernel that passes on what the stand-in does not answer itself.
package protocol LayeredKernel: Kernel {
  var kernel: any Kernel { get }
}

extension LayeredKernel {
  package func read(_ path: KernelPath) throws(KernelError) -> [UInt8] { try kernel.read(path) }
  package func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    try kernel.write(path, bytes)
  }
  package func list(_ path: KernelPath) throws(KernelError) -> [String] { try kernel.list(path) }
  package func readLink(_ path: KernelPath) throws(KernelError) -> String {
    try kernel.readLink(path)
  }
  package func mode(_ path: KernelPath) throws(KernelError) -> UInt16 { try kernel.mode(path) }
  package func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    try kernel.netlink(request)
  }
  package func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    try kernel.ethtool(device, data)
  }
}

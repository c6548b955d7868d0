package import KernelIO
import Netlink

extension Host {
  /// Whether the kernel could have a device of that name: no other text may become part of a path
  /// (dev_valid_name of net/core/dev.c).
  package static func isDeviceName(_ name: String) -> Bool {
    // IFNAMSIZ, less the terminating NUL.
    (1...15).contains(name.utf8.count) && name != "." && name != ".."
      && name.utf8.allSatisfy {
        $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") && $0 != 0x7f
      }
  }

  /// Sets one number of a device's link: RTM_SETLINK, by IFLA_* attribute.
  package func setLink(
    _ name: String, attribute: UInt16, _ value: UInt32
  ) throws(KernelError) {
    let setLink: UInt16 = 19
    // `struct ifinfomsg`: family, type, index, flags, change.
    let header = [0, 0, 0, 0] + hostBytes(try link(name).index) + [UInt8](repeating: 0, count: 8)
    var writer = AttributeWriter(header: header)
    writer.put(attribute, value)
    _ = try kernel.netlink(
      NetlinkRequest(
        .route, type: setLink, flags: .acknowledge, payload: writer.bytes,
        subject: "set link \(name)"))
  }
}

extension Link {
  /// A setting by its IFLA_* attribute; nil where the kernel does not tell it.
  subscript(attribute: UInt16) -> UInt32? {
    switch Key(rawValue: attribute) {
    case .mtu: mtu
    case .minMTU: minMTU
    case .maxMTU: maxMTU
    case .txQueueLength: txQueueLength
    case .groMaxSize: groMaxSize
    case .groIPv4MaxSize: groIPv4MaxSize
    default: nil
    }
  }
}

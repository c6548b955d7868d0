import KernelIO
import ReceivePath

/// Which device a name meant: another one may bear the name later.
package struct DeviceIdentity: Hashable, Sendable {
  package var name: String
  package var ifindex: String
  package var address: String

  package init(name: String, ifindex: String, address: String) {
    self.name = name
    self.ifindex = ifindex
    self.address = address
  }
}

extension DeviceIdentity {
  init(_ link: Link, _ kernel: any Kernel) {
    let directory = KernelPath.sys("class/net/\(link.name)")
    // An address that was set (NET_ADDR_SET of linux/netdevice.h) may be set again: it tells
    // nothing. Neither does another namespace's sysfs.
    let isOwn =
      (try? kernel.text(directory.appending("ifindex"))) == "\(link.index)"
      && (try? kernel.text(directory.appending("addr_assign_type"))) != "3"
    self.init(
      name: link.name, ifindex: "\(link.index)", address: isOwn ? link.addressText : "")
  }

  /// What tells it from the device that it was; nil where nothing does. Indices begin anew in each
  /// network namespace, and a namespace's number is given to another once it is gone.
  package func difference(from then: DeviceIdentity) -> String? {
    if ifindex != then.ifindex { return "index \(ifindex), was \(then.ifindex)" }
    if !address.isEmpty, !then.address.isEmpty, address != then.address {
      return "address \(address), was \(then.address)"
    }
    return nil
  }
}

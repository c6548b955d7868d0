package import KernelIO

/// Where and when a change is made: what a journal needs to tell whether it still applies.
package struct Circumstances: Sendable {
  package var bootID: String
  package var namespace: String
  package var pid: Int32

  package init(bootID: String, namespace: String, pid: Int32) {
    self.bootID = bootID
    self.namespace = namespace
    self.pid = pid
  }

  /// Of the process that asks.
  package init(_ kernel: any Kernel, pid: Int32) throws(KernelError) {
    bootID = try kernel.text(.proc("sys/kernel/random/boot_id"))
    namespace = try kernel.readLink(.proc("self/ns/net"))
    self.pid = pid
  }
}

extension Journal.DeviceIdentity {
  /// The device that bears the name now; nil where none does.
  package static func current(_ name: String, _ kernel: any Kernel) -> Journal.DeviceIdentity? {
    let directory = KernelPath.sys("class/net/\(name)")
    guard let ifindex = try? kernel.text(directory.appending("ifindex")) else { return nil }
    // One that was set (NET_ADDR_SET of linux/netdevice.h) may be set again: it tells nothing.
    let isSet = (try? kernel.text(directory.appending("addr_assign_type"))) == "3"
    let address = isSet ? nil : try? kernel.text(directory.appending("address"))
    return Journal.DeviceIdentity(name: name, ifindex: ifindex, address: address ?? "")
  }

  /// What tells it from the device that it was; nil where nothing does. Indices begin anew in each
  /// network namespace, and a namespace's number is given to another once it is gone.
  package func difference(from then: Journal.DeviceIdentity) -> String? {
    if ifindex != then.ifindex { return "index \(ifindex), was \(then.ifindex)" }
    if !address.isEmpty, !then.address.isEmpty, address != then.address {
      return "address \(address), was \(then.address)"
    }
    return nil
  }
}

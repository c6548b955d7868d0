import KernelIO
import Netlink

/// A NIC on the PCI bus, in the words of sysfs (ABI/testing/sysfs-bus-pci): as it can be taken from its
/// driver and given to another.
struct PCIFunction {
  /// "0000:01:00.0".
  let address: String
  private let kernel: any Kernel

  init(_ address: String, _ kernel: any Kernel) {
    self.address = address
    self.kernel = kernel
  }

  /// Of a device that is such a NIC, or a virtio device on one.
  ///
  /// - Returns: nil for any other, as a USB NIC's controller is one as well.
  init?(of device: String, _ kernel: any Kernel) {
    guard let path = try? kernel.readLink(.sys("class/net/\(device)")) else { return nil }
    var parts = path.split(separator: "/").dropLast(2)
    if parts.last?.hasPrefix("virtio") == true { parts.removeLast() }
    guard let address = parts.last, Self.isAddress(address) else { return nil }
    self.init(String(address), kernel)
  }

  /// Domain, bus, device and function.
  private static func isAddress(_ text: Substring) -> Bool {
    let parts = text.split(whereSeparator: { $0 == ":" || $0 == "." }).map(\.utf8.count)
    return parts.count == 4 && parts[0] >= 4 && Array(parts[1...]) == [2, 2, 1]
      && text.utf8.allSatisfy { $0 == 0x2e || $0 == 0x3a || UInt8.hexDigits.contains($0) }
  }

  private var path: KernelPath { .sys("bus/pci/devices/\(address)") }

  var isPresent: Bool { (try? kernel.list(path)) != nil }

  /// "igb"; nil where none has it.
  var driver: String? {
    (try? kernel.readLink(path.appending("driver")))?.split(separator: "/").last.map(String.init)
  }

  /// The one driver that it is kept for; nil where none is named.
  var driverOverride: String? {
    let text = (try? kernel.text(path.appending("driver_override"))) ?? ""
    return text.isEmpty || text == "(null)" ? nil : text
  }

  /// Network devices that its driver has made.
  var networkDevices: [String] {
    let folders = ((try? kernel.list(path)) ?? []).filter { $0.hasPrefix("virtio") }
    return ([path] + folders.map(path.appending)).flatMap {
      (try? kernel.list($0.appending("net"))) ?? []
    }
  }

  /// What an IOMMU cannot tell apart from it, bridges aside; nil where there is no IOMMU.
  var groupMates: [String]? {
    guard let group = try? kernel.list(path.appending("iommu_group/devices")) else { return nil }
    let bridge = "0x0604"
    return group.filter { other in
      other != address
        && (try? kernel.text(.sys("bus/pci/devices/\(other)/class")))?.hasPrefix(bridge) != true
    }
  }

  func isLoaded(_ driver: String) -> Bool {
    (try? kernel.list(.sys("bus/pci/drivers/\(driver)"))) != nil
  }

  func isModule(_ name: String) -> Bool {
    (try? kernel.list(.sys("module/\(name)"))) != nil
  }

  /// Takes it from the driver that it has, and offers it to that one alone, or to all where none is
  /// named.
  func rebind(to driver: String?) throws(KernelError) {
    try kernel.write(path.appending("driver_override"), Array("\(driver ?? "")\n".utf8))
    if self.driver != nil {
      try kernel.write(path.appending("driver/unbind"), Array(address.utf8))
    }
    try kernel.write(.sys("bus/pci/drivers_probe"), Array(address.utf8))
  }
}

extension UInt8 {
  fileprivate static let hexDigits = Array("0123456789abcdef".utf8)
}

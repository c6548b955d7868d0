import KernelIO

/// The receive path of a host, or of some of its devices, at one moment.
package struct HostSnapshot: Sendable {
  package var devices: [DeviceSnapshot]
  /// Devices that were named and vanished before they could be read.
  package var gone: [String]
  /// Per CPU, of the whole host.
  package var softnet: Reading<SoftnetStat>
  package var topology: Reading<Topology>
}

extension Host {
  /// The devices that a command means: those named; else the physical ones; else, where there are
  /// none (a container, a namespace), all but loopback.
  package func chosen(_ links: [Link], named names: [String]) -> (links: [Link], unknown: [String])
  {
    guard names.isEmpty else {
      var found: [Link] = []
      var unknown: [String] = []
      for name in names {
        if let link = links.first(where: { $0.name == name || $0.alternativeNames.contains(name) })
        {
          found.append(link)
        } else {
          unknown.append(name)
        }
      }
      return (found, unknown)
    }
    let physical = links.filter { isPhysical($0) }
    return (physical.isEmpty ? links.filter { !$0.flags.contains(.loopback) } : physical, [])
  }

  package func snapshot(of links: [Link]) -> HostSnapshot {
    let topology = Reading { () throws(KernelError) in try self.topology() }
    let shared = SharedTables(
      topology: topology,
      interrupts: Reading { () throws(KernelError) in try interruptTable() },
      sysfs: SysfsNamespace.check(links, self))
    var devices: [DeviceSnapshot] = []
    var gone: [String] = []
    for link in links {
      let device = snapshot(link, shared)
      // Refused with ENODEV by more than one reader: it vanished in between.
      if device.driver.absence?.reason == .gone && device.offloads.absence?.reason == .gone {
        gone.append(link.name)
      } else {
        devices.append(device)
      }
    }
    return HostSnapshot(
      devices: devices, gone: gone,
      softnet: Reading { () throws(KernelError) in try softnetStat() }, topology: topology)
  }
}

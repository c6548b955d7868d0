package import KernelIO

/// Devices that had a link, and are to have it again after a change, whatever their names are by
/// then.
package struct LinkWait {
  private let devices: [DeviceIdentity]
  private let kernel: any Kernel

  package var isEmpty: Bool { devices.isEmpty }

  /// Those of the devices that have a link now.
  package init(_ devices: [String], _ kernel: any Kernel) {
    self.kernel = kernel
    self.devices = devices.filter { Self.hasCarrier($0, kernel) }
      .compactMap(Identities(kernel).named)
  }

  /// Waits for the links; one that has none when the time is over, or nil.
  package func down(after milliseconds: Int64) -> String? {
    let identities = Identities(kernel)
    var remaining = milliseconds
    while true {
      let names = devices.map { (then: $0.name, now: identities.current($0)?.name) }
      guard
        let down = names.first(where: { !($0.now.map { Self.hasCarrier($0, kernel) } ?? false) })
      else { return nil }
      guard remaining > 0 else { return down.now ?? down.then }
      DetachedProcess.sleep(milliseconds: min(50, remaining))
      remaining -= 50
    }
  }

  private static func hasCarrier(_ device: String, _ kernel: any Kernel) -> Bool {
    (try? kernel.text(.sys("class/net/\(device)/carrier"))) == "1"
  }
}

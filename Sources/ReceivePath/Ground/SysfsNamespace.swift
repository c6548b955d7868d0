package import KernelIO

/// Whether /sys/class/net shows the devices that netlink sees.
///
/// sysfs belongs to the network namespace in which it was mounted: after `ip netns exec` it was
/// remounted, after `nsenter --net` or setns(2) alone it still shows the old namespace, where a
/// device of the same name may be another one.
package struct SysfsNamespace: Hashable, Sendable {
  private struct Doubt: Hashable {
    var ifindex: Int32
    var absence: Absence
  }
  private var doubts: [Doubt] = []

  /// Compares ifindex and address of each of `links` with what sysfs has under its name.
  package static func check(_ links: [Link], _ host: Host) -> SysfsNamespace {
    var result = SysfsNamespace()
    for link in links {
      if let absence = absence(of: link, host) {
        result.doubts.append(Doubt(ifindex: link.index, absence: absence))
      }
    }
    return result
  }

  /// Why files below /sys/class/net/DEV cannot be believed; nil where they can.
  package func absence(of link: Link) -> Absence? {
    doubts.first { $0.ifindex == link.index }?.absence
  }

  /// Reads device files of `link`, unless they are another namespace's.
  package func reading<Value>(
    _ link: Link, _ read: () throws(KernelError) -> Value
  ) -> Reading<Value> {
    if let absence = absence(of: link) { return .absent(absence) }
    return Reading(read)
  }

  private static func absence(of link: Link, _ host: Host) -> Absence? {
    do {
      let index = try host.kernel.text(link.devicePath("ifindex"))
      guard index == "\(link.index)" else {
        return Absence(
          .notInNamespace,
          detail: """
            /sys/class/net/\(link.name) has ifindex \(index), the device here \(link.index): \
            sysfs was mounted in another network namespace
            """)
      }
      let address = try host.kernel.text(link.devicePath("address"))
      guard address == link.addressText else {
        return Absence(
          .notInNamespace,
          detail: """
            /sys/class/net/\(link.name) has the address \(address), the device here \
            \(link.addressText): sysfs was mounted in another network namespace
            """)
      }
      return nil
    } catch {
      return error.kind == .absent ? missing(link, host) : Absence(error)
    }
  }

  /// The device has no folder in sysfs: it went, or /sys is another namespace's, or not there.
  private static func missing(_ link: Link, _ host: Host) -> Absence {
    do {
      _ = try host.kernel.list(.sys("class/net"))
      _ = try host.link(index: link.index)
      return Absence(
        .notInNamespace,
        detail: """
          /sys/class/net has no \(link.name): sysfs was mounted in another network namespace
          """)
    } catch {
      let gone = error.errno == .noDevice
      return Absence(gone ? .gone : .unreadable, detail: error.description)
    }
  }
}

extension Link {
  /// A file below /sys/class/net/DEV.
  package func devicePath(_ file: String) -> KernelPath { .sys("class/net/\(name)/\(file)") }
}

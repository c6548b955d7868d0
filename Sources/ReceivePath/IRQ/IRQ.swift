package import KernelIO
package import Knobs
import Netlink

/// One IRQ's place: the CPUs that were asked for, and those that get it
/// (Documentation/core-api/irq/irq-affinity.rst).
package struct IRQ: Hashable, Sendable {
  package var number: Int
  /// /proc/irq/N/smp_affinity_list.
  package var affinity: Reading<CPUSet>
  /// Where the interrupt is delivered now; follows a change at the next interrupt only.
  package var effectiveAffinity: Reading<CPUSet>
  /// What the driver suggests (affinity_hint); nil where it suggests nothing.
  package var affinityHint: Reading<CPUSet?>
  /// NUMA node of the device; nil where it belongs to none.
  package var node: Reading<Int?>
}

/// IRQs that a device's bus gave to it.
package struct DeviceInterrupts: Hashable, Sendable {
  package enum Source: String, Sendable, Hashable {
    /// The device's own msi_irqs.
    case device
    /// The msi_irqs of the device above: a virtio NIC's PCI function, or the PCI function that
    /// auxiliary devices (subfunctions) share.
    case parent
    /// No MSI: the one interrupt line, which other devices may share.
    case line

    /// Message-signalled: no other device shares it.
    var isMessage: Bool { self != .line }
  }
  /// Ascending.
  package var numbers: [Int]
  package var source: Source
}

extension Host {
  package func irq(_ number: Int) -> IRQ {
    IRQ(
      number: number, affinity: affinity(ofIRQ: number),
      effectiveAffinity: effectiveAffinity(ofIRQ: number),
      affinityHint: Reading { () throws(KernelError) in
        let hint = try kernel.cpus(.proc("irq/\(number)/affinity_hint"), as: .mask)
        return hint.isEmpty ? nil : hint
      },
      node: Reading { () throws(KernelError) in
        let node = try kernel.integer(.proc("irq/\(number)/node"))
        return node < 0 ? nil : node
      })
  }

  /// The wanted affinity alone.
  package func affinity(ofIRQ number: Int) -> Reading<CPUSet> {
    irqList(number, "smp_affinity_list")
  }

  /// The CPUs that the interrupt is delivered to, alone.
  func effectiveAffinity(ofIRQ number: Int) -> Reading<CPUSet> {
    irqList(number, "effective_affinity_list")
  }

  /// True where the kernel places the interrupt itself and lets nobody else: since 6.12 the file of
  /// its affinity cannot be written then. nil where that is not told: a file that can be written
  /// says nothing, for before 6.12 all could.
  func isManaged(_ number: Int) -> Bool? {
    let mode = try? kernel.mode(.proc("irq/\(number)/smp_affinity_list"))
    return mode.flatMap { $0 & 0o222 == 0 ? true : nil }
  }

  private func irqList(_ number: Int, _ file: String) -> Reading<CPUSet> {
    Reading { () throws(KernelError) in
      try kernel.cpus(.proc("irq/\(number)/\(file)"), as: .list)
    }
  }

  /// Under which names an interrupt was requested; where /sys/kernel/irq does not tell (before
  /// 4.9, or a record without it), by the table of all.
  package func actions(
    ofIRQ number: Int, table: () throws(KernelError) -> InterruptTable
  ) throws(KernelError) -> [String] {
    do {
      return try kernel.text(.sys("kernel/irq/\(number)/actions")).split(separator: ",")
        .map(String.init)
    } catch {
      guard error.kind == .absent || error.kind == .notRecorded else { throw error }
      return try table()[number]?.actions ?? []
    }
  }

  /// The IRQs of the device behind a link; absent for virtual devices.
  package func deviceInterrupts(_ link: Link) -> Reading<DeviceInterrupts> {
    Reading { () throws(KernelError) in
      if let own = try messageInterrupts(link.devicePath("device/msi_irqs")) {
        return DeviceInterrupts(numbers: own, source: .device)
      }
      // Only these buses: above a PCI device is a bridge, which has interrupts of its own.
      if ["virtio", "auxiliary"].contains(try bus(of: link)),
        let above = try messageInterrupts(link.devicePath("device/../msi_irqs"))
      {
        return DeviceInterrupts(numbers: above, source: .parent)
      }
      let line = try kernel.integer(link.devicePath("device/irq"))
      return DeviceInterrupts(numbers: line > 0 ? [line] : [], source: .line)
    }
  }

  private func messageInterrupts(_ path: KernelPath) throws(KernelError) -> [Int]? {
    do {
      let numbers = try kernel.list(path).compactMap { Int($0) }
      return numbers.isEmpty ? nil : numbers.sorted()
    } catch {
      if error.kind == .absent { return nil }
      throw error
    }
  }

  /// Before 5.14 netlink does not tell it.
  func bus(of link: Link) throws(KernelError) -> String {
    if let bus = link.parentBus { return bus }
    let subsystem = try kernel.readLink(link.devicePath("device/subsystem"))
    return subsystem.split(separator: "/").last.map(String.init) ?? ""
  }

  /// The name of the device on that bus; ethtool's bus_info is the PCI function's for virtio.
  func busDevice(of link: Link) -> String? {
    if let device = link.parentDevice { return device }
    let target = try? kernel.readLink(link.devicePath("device"))
    return target?.split(separator: "/").last.map(String.init)
  }
}

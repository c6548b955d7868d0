import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("IRQ affinity") struct IRQTests {
  @Test func readsWantedAndEffective() {
    let kernel = ScriptedKernel([
      "/proc/irq/38/smp_affinity_list": "0-3,8\n",
      "/proc/irq/38/effective_affinity_list": "2\n",
      "/proc/irq/38/affinity_hint": "00000000,00000000\n",
      "/proc/irq/38/node": "-1\n",
    ])
    let irq = Host(kernel).irq(38)
    #expect(irq.affinity.value == CPUSet([0, 1, 2, 3, 8]))
    #expect(irq.effectiveAffinity.value == CPUSet([2]))
    #expect(irq.affinityHint == .value(nil))
    #expect(irq.node == .value(nil))
  }

  @Test func whatIsMissingSaysWhy() {
    let kernel = ScriptedKernel([
      "/proc/irq/38/smp_affinity_list": "what\n", "/proc/irq/38/node": "1\n",
    ])
    kernel.failures["/proc/irq/38/affinity_hint"] = .accessDenied
    let irq = Host(kernel).irq(38)
    #expect(irq.affinity.absence?.reason == .unreadable)
    #expect(irq.affinity.absence?.detail?.contains("\"what\" is not a list of CPUs") == true)
    #expect(irq.effectiveAffinity.absence?.reason == .notSupported)
    #expect(irq.affinityHint.absence?.reason == .needsPrivilege)
    #expect(irq.node == .value(1))
  }

  /// Before 6.12 the file of a managed one could be written as any other's.
  @Test func onlyAFileThatCannotBeWrittenTellsOfManagement() {
    let kernel = ScriptedKernel([
      "/proc/irq/36/smp_affinity_list": "0\n", "/proc/irq/39/smp_affinity_list": "0-3\n",
    ])
    kernel.modes[.proc("irq/36/smp_affinity_list")] = 0o444
    #expect([36, 39, 40].map { Host(kernel).isManaged($0) } == [true, nil, nil])
  }

  func link(bus: String?) throws -> Link {
    try Link(
      decoding: LinkTests.message(name: "eth0") {
        if let bus {
          $0.put(57, bus)
          $0.put(56, "device")
        }
      })
  }

  @Test func interruptsOfPCIVirtioAndOldLines() throws {
    let kernel = ScriptedKernel()
    let host = Host(kernel)
    #expect(host.deviceInterrupts(try link(bus: nil)).absence != nil)

    kernel["/sys/class/net/eth0/device/irq"] = "11\n"
    // A bridge above has interrupts of its own, which are not the device's.
    kernel["/sys/class/net/eth0/device/../msi_irqs/24"] = "msi\n"
    let pci = try link(bus: "pci")
    #expect(
      host.deviceInterrupts(pci) == .value(DeviceInterrupts(numbers: [11], source: .line)))
    #expect(
      host.deviceInterrupts(try link(bus: "virtio"))
        == .value(DeviceInterrupts(numbers: [24], source: .parent)))

    for number in ["9", "10", "100"] {
      kernel["/sys/class/net/eth0/device/msi_irqs/\(number)"] = "msix\n"
    }
    #expect(
      host.deviceInterrupts(pci)
        == .value(DeviceInterrupts(numbers: [9, 10, 100], source: .device)))
  }

  @Test func theBusOfKernelsThatDoNotTell() throws {
    let kernel = ScriptedKernel(["/sys/class/net/eth0/device/../msi_irqs/24": "msix\n"])
    kernel.links[.sys("class/net/eth0/device/subsystem")] = "../../../../bus/virtio"
    #expect(
      Host(kernel).deviceInterrupts(try link(bus: nil))
        == .value(DeviceInterrupts(numbers: [24], source: .parent)))
  }

  @Test func agreesWithTheFilesOfThisMachine() throws {
    let host = Host(LiveKernel())
    let online = try host.onlineCPUs()
    for number in try host.kernel.list(.proc("irq")).compactMap({ Int($0) }).prefix(20) {
      let irq = host.irq(number)
      #expect(irq.affinity.value.map { $0.isSubset(of: online) } != false)
      let mask = try host.kernel.cpus(.proc("irq/\(number)/smp_affinity"), as: .mask)
      #expect(irq.affinity.value == mask)
      #expect(irq.effectiveAffinity.value.map { $0.isSubset(of: mask) } != false)
    }
    for link in try host.links() where host.isPhysical(link) {
      let interrupts = try #require(host.deviceInterrupts(link).value)
      let table = try host.interruptTable()
      #expect(!interrupts.numbers.isEmpty)
      for number in interrupts.numbers { #expect(table[number] != nil) }
    }
  }
}

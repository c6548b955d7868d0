import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("/proc/interrupts") struct InterruptTableTests {
  /// 6.18 on x86 with one CPU offline: MSI-X per device, an IO-APIC, a shared line, a gap.
  static let x86 = """
               CPU0       CPU2       CPU3
     0:         11          0          0   IO-APIC    2-edge      timer
    16:          0          7          0   IO-APIC   16-fasteoi   ehci_hcd:usb1, i801 smbus
    37:          0          0          0 PCI-MSIX-0000:00:03.0   0-edge      virtio2-config
    38:          0       4052         81 PCI-MSIX-0000:00:03.0   1-edge      virtio2-input.0
    39:          0          0          0 PCI-MSIX-0000:00:03.0   2-edge
    NMI:          0          0          0   Non-maskable interrupts
    LOC:      35473      34283          1   Local timer interrupts
    ERR:          3
    MIS:          0

    """

  /// Older and other: a chip without a domain in its name, interrupt remapping, Hyper-V's spaces.
  static let others = """
               CPU0       CPU1
     8:          0          0   IR-IO-APIC    8-edge      rtc0
    27:          1          2   IR-PCI-MSI 49154-edge      eth0-TxRx-1
    28: 4294967297          2   PCI-MSI 327680-edge      nvme 0 q, one,two
    30:          0          9  Hyper-V PCIe MSI 134250496-edge      mlx5_comp0@pci:0002:00:02.0
    31:          4          0   xen-dyn    -event     eth0-q0-tx
    32:          4          0   dummy
    HYP:          1          0   Hypervisor callback interrupts

    """

  /// arm64: GICv3, with the trigger in a column of its own.
  static let arm = """
               CPU0       CPU1
     9:          0          0     GICv3  25 Level     vgic
    11:       2000       1900     GICv3  30 Level     kvm guest ptimer, arch_timer
    48:         12          0   ITS-MSI 524288 Edge      hns3-0000:7d:00.0-TxRx-0
    49:          0          0     GICv3 106 Edge
    IPI0:        10         20       Rescheduling interrupts
    Err:          0

    """

  func decode(_ text: String) throws -> InterruptTable {
    try InterruptTable(decoding: Array(text.utf8))
  }

  @Test func columnsAreCPUsByName() throws {
    let table = try decode(Self.x86)
    #expect(table.cpus == [0, 2, 3])
    let input = try #require(table[38])
    #expect(input.counts[0] == 0 && input.counts[1] == 0)
    #expect(input.counts[2] == 4052 && input.counts[3] == 81)
    #expect(input.counts.total == 4133)
    #expect(input.chip == "PCI-MSIX-0000:00:03.0")
    #expect(input.hardwareNumber == 1 && input.handler == "edge")
    #expect(input.actions == ["virtio2-input.0"])
    #expect(table[39]?.actions == [] && table[39]?.hardwareNumber == 2)
    #expect(table[16]?.actions == ["ehci_hcd:usb1", "i801 smbus"])
    #expect(table[1] == nil)
    #expect(table.interrupts.map(\.number) == [0, 16, 37, 38, 39])
    #expect(table.others.map(\.name) == ["NMI", "LOC", "ERR", "MIS"])
    #expect(table.others[1].counts.total == 69757)
    #expect(table.others[1].text == "Local timer interrupts")
    #expect(table.others[2].counts.total == 3 && table.others[2].text == "")
  }

  @Test func chipsOfOtherKernels() throws {
    let table = try decode(Self.others)
    #expect(table[27]?.chip == "IR-PCI-MSI" && table[27]?.hardwareNumber == 49154)
    #expect(table[28]?.counts[0] == 1 << 32 + 1)
    #expect(table[28]?.actions == ["nvme 0 q", "one,two"])
    #expect(table[30]?.chip == "Hyper-V PCIe MSI")
    #expect(table[30]?.actions == ["mlx5_comp0@pci:0002:00:02.0"])
    #expect(table[31]?.chip == "xen-dyn" && table[31]?.hardwareNumber == nil)
    #expect(table[31]?.handler == "event" && table[31]?.actions == ["eth0-q0-tx"])
    #expect(table[32]?.chip == "dummy" && table[32]?.actions == [])

    let arm = try decode(Self.arm)
    #expect(arm[11]?.chip == "GICv3" && arm[11]?.hardwareNumber == 30)
    #expect(arm[11]?.handler == "Level")
    #expect(arm[11]?.actions == ["kvm guest ptimer", "arch_timer"])
    #expect(arm[48]?.chip == "ITS-MSI" && arm[48]?.actions == ["hns3-0000:7d:00.0-TxRx-0"])
    #expect(arm[49]?.actions == [] && arm[49]?.handler == "Edge")
    #expect(arm.others.map(\.name) == ["IPI0", "Err"])
  }

  /// Chips of several words, no trigger, no number, actions that begin with digits or hold spaces.
  @Test func linesOfPlatforms() throws {
    let table = try decode(
      """
                 CPU0       CPU1
        7:         17          0  IR-IO-APIC-edge
        8:    2295312    2295311  MIPS GIC Local   1  timer
       17:          0          0  MIPS GIC  19  1e000600.gpio-bank0, 1e000600.gpio-bank1
       23:   11584496          0  MIPS GIC  10  1e100000.ethernet
       25:          0          0  1e000600.gpio  18  keys
       26:          9          0  SiFive PLIC 131 Edge      eth0
       27:     150549          0  armada_370_xp_irq  10  mvneta
       37:          0          0  IR-PCI-MSI-edge      i40e-0000:01:00.0:fdir-TxRx-0
       38:          0          0  IR-PCI-MSI-edge      enp5s0f4 (queue 17)
       39:          0          0  IR-PCI-MSI 2629634-edge      enp5s0f4 (queue 0)
       71:        120          0  xen-dyn    -event     vif0-q0-rx
      116:          0          0  MSI-INTA 1716234 Level     485c0100.dma-controller chan6
      224:        149          0  MSI-INTA 1971731 Level     8000000.ethernet
      683:       6374          0  xen-pirq-msi-x     eth0-Tx-Rx-0

      """)
    func expect(_ irq: Int, _ chip: String, _ actions: [String]) {
      #expect(table[irq]?.chip == chip && table[irq]?.actions == actions, "IRQ \(irq)")
    }
    expect(7, "IR-IO-APIC", [])
    expect(8, "MIPS GIC Local", ["timer"])
    expect(17, "MIPS GIC", ["1e000600.gpio-bank0", "1e000600.gpio-bank1"])
    expect(23, "MIPS GIC", ["1e100000.ethernet"])
    expect(25, "1e000600.gpio", ["keys"])
    expect(26, "SiFive PLIC", ["eth0"])
    expect(27, "armada_370_xp_irq", ["mvneta"])
    expect(37, "IR-PCI-MSI", ["i40e-0000:01:00.0:fdir-TxRx-0"])
    expect(38, "IR-PCI-MSI", ["enp5s0f4 (queue 17)"])
    expect(39, "IR-PCI-MSI", ["enp5s0f4 (queue 0)"])
    expect(71, "xen-dyn", ["vif0-q0-rx"])
    expect(116, "MSI-INTA", ["485c0100.dma-controller chan6"])
    expect(224, "MSI-INTA", ["8000000.ethernet"])
    expect(683, "xen-pirq-msi-x", ["eth0-Tx-Rx-0"])
    #expect(table[7]?.handler == "edge" && table[224]?.handler == "Level")
  }

  @Test(arguments: [
    ("", "the header is missing"),
    ("\n", "the header names no CPU"),
    ("CPUx\n", "\"CPUx\" where a CPU is due"),
    ("CPU99999999999999999999\n", "where a CPU is due"),
    ("CPU0 CPU1\n 1: 5 chip 1-edge a\n", "the count of CPU1 is missing"),
    ("CPU0\n 1: 5 6 chip 1-edge a\n", "more counts than the header has CPUs"),
    ("CPU0\n 1: 99999999999999999999 c 1-edge\n", "a number beyond 64 bits"),
    ("CPU0\n 1: 5 c 1-edge\n 1: 6 c 1-edge\n", "IRQ 1 has two rows"),
    ("CPU0\n no colon\n", "a row without the name"),
    ("CPU0\n 1: 5 c 1-edge", "the line is cut short"),
  ])
  func badTablesSayWhere(text: String, problem: String) {
    let error = #expect(throws: DecodeError.self) { try decode(text) }
    #expect(error?.problem.contains(problem) == true)
    #expect(error?.context.hasPrefix("/proc/interrupts line") == true)
  }

  @Test(arguments: [x86, others, arm])
  func everyPrefix(text: String) {
    let bytes = Array(text.utf8)
    let outcome = ReceivePathTests.everyPrefix(bytes) { _ = try InterruptTable(decoding: $0) }
    // Whole lines are a table, and nothing else is.
    #expect(outcome.whole == text.split(separator: "\n").count)
  }

  /// A table with a row for each number, or the line that is none.
  @Test func randomBytesAreATableOrALineThatIsNone() {
    var random = SplitMix(seed: 7)
    let alphabet = Array("CPU0123456789:,- \n\tax".utf8) + [0, 0xff]
    var tables = 0
    for round in 0..<3000 {
      let noise = (0..<80).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      let bytes =
        round % 2 == 0
        ? Array("CPU0 CPU1\n".utf8) + noise + [10]
        : Damage.random(Array(Self.x86.utf8), 2, using: &random)
      do {
        let table = try InterruptTable(decoding: bytes)
        tables += 1
        #expect(Set(table.interrupts.map(\.number)).count == table.interrupts.count)
        let counted = Set(table.interrupts.flatMap { $0.counts.nonzero.map { Int($0.cpu) } })
        #expect(counted.isSubset(of: table.cpus))
      } catch {
        let lines = bytes.count { $0 == 10 } + 1
        let line = error.context.split(separator: " ").last.flatMap { Int($0) }
        #expect(line.map { (0...lines).contains($0) } == true, "\(error)")
        #expect((0...bytes.count).contains(error.offset), "\(error)")
      }
    }
    #expect((100..<2900).contains(tables), "\(tables)")
  }

  /// 512 CPUs and 4,096 IRQs; a debug build is given an eighth of it.
  @Test func aLargeHostIsRead() throws {
    #if DEBUG
      let rows = 512
    #else
      let rows = 4096
    #endif
    let text = Self.large(cpus: 512, rows: rows)
    let clock = ContinuousClock()
    var table: InterruptTable?
    let time = try clock.measure { table = try InterruptTable(decoding: text) }
    #expect(table?.interrupts.count == rows)
    #expect(table?[100]?.counts[100] == 1_000_000)
    #expect(table?[rows - 1]?.actions == ["eth0-TxRx-\(rows - 1)"])
    #expect(time < .seconds(3), "\(text.count) bytes took \(time)")
  }

  static func large(cpus: Int, rows: Int) -> [UInt8] {
    var text = (0..<cpus).map { "       CPU\($0)" }.joined() + "\n"
    for row in 0..<rows {
      text += " \(row):"
      for cpu in 0..<cpus { text += cpu == row % cpus ? "    1000000" : "          0" }
      text += " PCI-MSIX-0000:00:03.0 \(row)-edge      eth0-TxRx-\(row)\n"
    }
    return Array(text.utf8)
  }

  @Test func agreesWithThisMachine() throws {
    let host = Host(LiveKernel())
    let table = try host.interruptTable()
    #expect(CPUSet(table.cpus) == (try host.onlineCPUs()))
    #expect(!table.interrupts.isEmpty)
    for interrupt in table.interrupts {
      let folder = KernelPath.sys("kernel/irq/\(interrupt.number)")
      guard (try? host.kernel.list(folder)) != nil else { continue }
      let actions = try host.actions(ofIRQ: interrupt.number) { () throws(KernelError) in
        throw KernelError("read", "the table", .noEntry)
      }
      #expect(actions == interrupt.actions)
      #expect(try host.kernel.text(folder.appending("chip_name")) == interrupt.chip ?? "(null)")
      #expect(UInt64(try host.kernel.text(folder.appending("hwirq"))) == interrupt.hardwareNumber)
    }
  }

  @Test func aTornTableIsReadAgain() throws {
    let kernel = ScriptedKernel(["/proc/interrupts": "CPU0\n 1: 5 6 chip 1-edge a\n"])
    let error = #expect(throws: KernelError.self) { try Host(kernel).interruptTable() }
    #expect(error?.kind == .malformed)
    #expect(kernel.reads.count == 3)
  }
}

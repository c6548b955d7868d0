import KernelIO
import Knobs
import ReceivePath

extension FuzzTarget {
  /// Readers of /proc and /sys text; the first byte chooses one.
  static let procfs = FuzzTarget(name: "procfs", seeds: { procSeeds() }) { bytes in
    let text = Array(bytes.dropFirst())
    switch bytes.first {
    case UInt8(ascii: "i"):
      guard let table = try? InterruptTable(decoding: text) else { return }
      for interrupt in table.interrupts { _ = table[interrupt.number] }
    case UInt8(ascii: "n"): _ = try? SoftnetStat(decoding: text)
    case UInt8(ascii: "s"): _ = try? SoftirqCounts(decoding: text)
    case UInt8(ascii: "t"): _ = try? ProcessorTimes.all(decoding: text)
    case UInt8(ascii: "c"): _ = try? InterruptCounts(decoding: text, possible: CPUSet(0..<4))
    case UInt8(ascii: "p"): compareCounters(text)
    case UInt8(ascii: "l"):
      check(CPUSet(list: String(decoding: text, as: UTF8.self))) { CPUSet(list: $0.list) }
    case UInt8(ascii: "m"):
      check(CPUSet(mask: String(decoding: text, as: UTF8.self))) { CPUSet(mask: $0.mask) }
    default: break
    }
  }

  /// What was understood is written so that it is understood as the same again.
  private static func check(_ cpus: CPUSet?, _ again: (CPUSet) -> CPUSet?) {
    guard let cpus, !cpus.isEmpty else { return }
    precondition(again(cpus) == cpus, "another CPU set came back")
  }

  /// Who wants some counters gets the same of them as who wants all.
  private static func compareCounters(_ text: [UInt8]) {
    let names = ["TcpExtListenDrops", "UdpRcvbufErrors", "TcpInSegs"]
    var (all, some) = (ProtocolCounters(), ProtocolCounters(only: names))
    guard (try? all.add(table: text, "fuzz")) != nil else { return }
    precondition((try? some.add(table: text, "fuzz")) != nil, "some of a good table are an error")
    precondition(names.allSatisfy { some[$0] == all[$0] }, "another value")
  }

  private static func procSeeds() -> [[UInt8]] {
    let kernel = LiveKernel()
    var seeds: [[UInt8]] = []
    func add(_ mark: String, _ path: KernelPath) {
      if let content = try? kernel.read(path) { seeds.append(Array(mark.utf8) + content) }
    }
    add("i", .proc("interrupts"))
    add("n", .proc("net/softnet_stat"))
    add("s", .proc("softirqs"))
    add("t", .proc("stat"))
    add("c", .sys("kernel/irq/24/per_cpu_count"))
    add("p", .proc("net/netstat"))
    add("p", .proc("net/snmp"))
    add("l", .sys("devices/system/cpu/online"))
    add("m", .sys("class/net/eth0/queues/rx-0/rps_cpus"))
    let written = [
      "l0-3,8,12-15\n", "l0-63:4/16\n", "mffffffff,00000000,0000000f\n", "m3\n",
      """
      i           CPU0       CPU3
        1:          9 4294967296   IO-APIC   1-edge      i8042
       24:          0          7   PCI-MSI-0000:00:03.0   1-edge      virtio0-input.0, other name
      NMI:          0          0   Non-maskable interrupts
      ERR:          3

      """,
      "s CPU0 CPU1\n NET_RX: 1 2\n", "tcpu0 1 2 3 4 5 6 7 8\nintr 9\n", "c0,14,0,7\n",
      "pTcp: MaxConn InSegs\nTcp: -1 9\nUdp: RcvbufErrors\nUdp: 4\n",
      "n" + Array(repeating: "0000ffff", count: 13).joined(separator: " ") + "\n",
    ]
    return seeds + written.map { Array($0.utf8) }
  }
}

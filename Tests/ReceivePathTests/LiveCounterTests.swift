import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

/// What is read again and again is read in part: the same values as when all is read.
@Suite("Counters that are read often") struct LiveCounterTests {
  @Test func softirqsByCPU() throws {
    let text = """
                          CPU0       CPU1       CPU2
                HI:          0          0          0
            NET_TX:          7          8          9
            NET_RX:        100 4294967295          0
             BLOCK:          1          2          3

      """
    let host = Host(ScriptedKernel(["/proc/softirqs": text]))
    #expect(try host.softirqCounts().netRX == [0: 100, 1: .max, 2: 0])
  }

  @Test(arguments: ["", "CPU0\n", "CPU0\nNET_TX: 1\n", "CPU0 CPU1\nNET_RX: 1\n", "X\nNET_RX: 1\n"])
  func whatIsNoTableOfSoftirqs(text: String) {
    #expect(throws: DecodeError.self) { try SoftirqCounts(decoding: Array(text.utf8)) }
  }

  @Test func oneInterruptByCPU() throws {
    let kernel = ScriptedKernel(["/sys/kernel/irq/38/per_cpu_count": "0,14,0,4294967295\n"])
    let counts = try Host(kernel).interruptCounts(ofIRQ: 38, possible: CPUSet([0, 1, 2, 5]))
    #expect(counts.nonzero == [.init(cpu: 1, value: 14), .init(cpu: 5, value: 4_294_967_295)])
    #expect(counts.total == 4_294_967_309)
  }

  @Test(arguments: ["", "1", "1,2,3", "1,x", "1,", "1,-2", "1 2"])
  func whatIsNoCountOfTwoCPUs(text: String) {
    #expect(throws: DecodeError.self) {
      try InterruptCounts(decoding: Array(text.utf8), possible: CPUSet([0, 1]))
    }
  }

  /// On this machine: a file of /sys/kernel/irq tells what its row of /proc/interrupts does.
  @Test func oneInterruptAsInTheTable() throws {
    let host = Host(LiveKernel())
    let table = try host.interruptTable()
    let possible = try host.possibleCPUs()
    var compared = 0
    for interrupt in table.interrupts {
      // Its counts may have grown in between, not shrunk.
      guard let counts = try? host.interruptCounts(ofIRQ: interrupt.number, possible: possible)
      else { continue }
      #expect(interrupt.counts.nonzero.allSatisfy { counts[Int($0.cpu)] >= $0.value })
      compared += 1
    }
    #expect(compared > 0)
  }

  static let tables = [
    "/proc/net/snmp": "Ip: Forwarding InReceives\nIp: 1 2\nTcp: MaxConn InSegs\nTcp: -1 9\n"
      + "Udp: InErrors RcvbufErrors\nUdp: 3 4\nUdpLite: RcvbufErrors\nUdpLite: 8\n",
    "/proc/net/netstat": "TcpExt: ListenOverflows ListenDrops\nTcpExt: 5 6\n",
    "/proc/net/snmp6": "Udp6InErrors 1\nUdp6RcvbufErrors 7\n",
  ]

  @Test func protocolCountersOfSomeNames() throws {
    let host = Host(ScriptedKernel(Self.tables))
    let names = ["UdpRcvbufErrors", "TcpExtListenDrops", "Udp6RcvbufErrors", "TcpExtNone"]
    let some = try host.protocolCounters(only: names)
    #expect(some.names == ["TcpExtListenDrops", "Udp6RcvbufErrors", "UdpRcvbufErrors"])
    let all = try host.protocolCounters()
    #expect(all.names.count == 10)
    for name in names { #expect(some[name] == all[name]) }
  }

  @Test func aTableThatWasCutIsAnErrorThoughNobodyWantsTheRest() throws {
    var tables = Self.tables
    tables["/proc/net/netstat"] = "TcpExt: ListenOverflows ListenDrops\nTcpExt: 5\n"
    let host = Host(ScriptedKernel(tables))
    #expect(throws: KernelError.self) {
      try host.protocolCounters(only: ["TcpExtListenOverflows"])
    }
  }

  /// Values in the order of names, read later: the layout was made once.
  @Test func driverCountersByLayout() throws {
    let names = [
      "rx_packets", "rx_queue_1_packets", "rx_queue_0_packets", "rx_queue_0_drops",
      "[2]: rx_ucast_packets",
      "[2]: rx_mcast_packets", "tx_queue_0_packets",
    ]
    let statistics = DriverStatistics(
      counters: names.map { DriverStatistics.Counter(name: $0, value: 0) })
    let layout = QueueCounterLayout(statistics)
    let queues = layout.statistics([1, 2, 3, 4, 5, 6, 7])
    #expect(queues.map(\.id) == [0, 1, 2])
    #expect(queues.map(\.packets) == [3, 2, 11])
    #expect(queues.map(\.drops) == [4, nil, nil])
    // Fewer than names: those that are left.
    #expect(layout.statistics([1, 2]).map(\.packets) == [nil, 2, nil])
    #expect(QueueCounterLayout(DriverStatistics(counters: [])).isEmpty)
  }
}

import Knobs
import Netlink

@testable import Diagnosis
@testable import ReceivePath

/// Faults of devices, their queues and interrupts.
extension Fault {
  static let queueFaults: [Fault] = [
    Fault("irq-one-cpu", "all vectors on CPU 1, which squeezes", explaining: ["time-squeeze"]) {
      patient in
      for queue in 0..<4 { patient.now.interrupt(queue, onCPU: 1, 20_000) }
      patient.now.spend(softirq: 850, idle: 150, onCPU: 1)
      patient.now.softnet(1) { $0.timeSqueeze = 500 }
    },
    Fault("irq-one-cpu", "and irqbalance runs") { patient in
      for queue in 0..<4 { patient.now.interrupt(queue, onCPU: 1, 20_000) }
      patient.surroundings.irqbalance = 71
    },
    Fault("irq-one-cpu", "of a host at rest") { patient in
      patient.both { host in
        for queue in 0..<4 {
          host.devices[0].paths[queue].effectiveAffinity = .value(CPUSet([1]))
          host.interrupt(queue, onCPU: 1, 20_000)
        }
        host.devices[0].link.statistics?.rxPackets = 400_000
      }
    },
    Fault("ring-overrun", "256 of 4096 entries") { patient in
      patient.now.devices[0].link.statistics?.rxMissedErrors &+= 5_000
    },
    Fault("ring-overrun", "counted by queue") { patient in
      patient.now.devices[0].paths[2].statistics?.drops = 700
    },
    Fault("ring-overrun", "counted by the driver, among packets that nobody wants") { patient in
      let name = "rx_discards_phy"
      patient.before.devices[0].discards = [DriverStatistics.Counter(name: name, value: 10)]
      patient.now.devices[0].discards = [DriverStatistics.Counter(name: name, value: 9_000)]
      patient.now.devices[0].link.statistics?.rxDropped &+= 8_990
    },
    Fault("one-queue", "of one, its CPU full", fixture: "igb") { patient in
      patient.both { $0.devices[0].paths.removeSubrange(1...) }
      patient.now.setPackets(ofQueue: 0, 400_000)
      patient.now.spend(softirq: 900, idle: 100, onCPU: 0)
    },
    Fault("one-queue", "all in one of four", explaining: ["queue-imbalance"]) { patient in
      for queue in 0..<4 { patient.now.setPackets(ofQueue: queue, queue == 0 ? 400_000 : 0) }
      patient.now.spend(softirq: 900, idle: 100, onCPU: 0)
    },
    Fault(
      "one-queue", "polled where it was before its interrupt moved", explaining: ["time-squeeze"]
    ) { patient in
      patient.both { $0.devices[0].paths.removeSubrange(1...) }
      patient.now.devices[0].paths[0].interruptCounts = InterruptCounts()
      patient.now.spend(softirq: 900, idle: 100, onCPU: 2)
      patient.now.softnet(2) {
        $0.processed &+= 100_000
        $0.timeSqueeze = 500
      }
    },
    Fault("queue-imbalance", "three quarters in one, polled elsewhere than its interrupt goes") {
      patient in
      for queue in 0..<4 { patient.now.setPackets(ofQueue: queue, queue == 3 ? 300_000 : 33_000) }
      patient.now.devices[0].paths[3].interruptCounts = InterruptCounts()
      patient.now.softnet(1) { $0.processed &+= 333_000 }
      patient.now.spend(softirq: 600, idle: 400, onCPU: 1)
    },
    Fault("queue-imbalance", "three quarters in one") { patient in
      for queue in 0..<4 { patient.now.setPackets(ofQueue: queue, queue == 3 ? 300_000 : 33_000) }
      patient.now.spend(softirq: 600, idle: 400, onCPU: 3)
    },
    Fault("udp-no-ports", "udp4 sd", explaining: ["queue-imbalance"]) { patient in
      for queue in 0..<4 { patient.now.setPackets(ofQueue: queue, queue == 3 ? 300_000 : 33_000) }
      patient.now.spend(softirq: 600, idle: 400, onCPU: 3)
      try patient.now.count("UdpInDatagrams", 390_000)
    },
    Fault("numa-remote", "all queues on the other node") { patient in
      var topology = Topology(
        online: CPUSet(0..<8), isolated: .value(CPUSet()),
        nodes: .value([
          NUMANode(number: 0, cpus: CPUSet(0..<4), distances: [0: 10, 1: 20]),
          NUMANode(number: 1, cpus: CPUSet(4..<8), distances: [0: 20, 1: 10]),
        ]))
      topology.online = CPUSet(0..<8)
      patient.surroundings.topology = topology
      patient.both { host in
        host.devices[0].numaNode = .value(1)
        for queue in 0..<4 { host.devices[0].paths[queue].numaDistance = 20 }
      }
    },
    Fault("interrupt-storm", "an interrupt a packet") { patient in
      patient.both { $0.parameter(\.coalescingParameters, "adaptive-rx", .flag(false)) }
      for queue in 0..<4 {
        patient.now.setPackets(ofQueue: queue, 320_000)
        patient.now.interrupt(queue, onCPU: queue, 300_000)
      }
      patient.now.devices[0].link.statistics?.rxPackets &+= 1_000_000
    },
    Fault("cloud-limit", "packets a second") { patient in
      let name = "pps_allowance_exceeded"
      patient.before.devices[0].allowances = [DriverStatistics.Counter(name: name, value: 10)]
      patient.now.devices[0].allowances = [DriverStatistics.Counter(name: name, value: 900)]
    },
    Fault("gro-off", "by hand") { patient in
      patient.both { $0.feature("rx-gro", isOn: false) }
    },
    Fault("lro-forwarding", "on a router", fixture: "igb") { patient in
      patient.both { host in
        host.feature("rx-lro", isOn: true)
        host.readings?.forwarding = .value(Forwarding(ipv4: true, ipv6: nil))
      }
    },
    Fault("lro-forwarding", "at a bridge's port") { patient in
      patient.both { host in
        host.feature("rx-lro", isOn: true)
        host.devices[0].link.portKind = "bridge"
      }
    },
    Fault("capture-merges", "a socket of the device's") { patient in
      patient.both { host in
        host.readings?.packetSockets = .value([
          PacketSocket(
            ifindex: host.devices[0].link.index, ethertype: 3, isRunning: true, inode: 7)
        ])
      }
    },
    Fault("defer-no-flush", "of the device") { patient in
      patient.both { $0.deferral(irqs: 10, timeout: 0) }
    },
    Fault("suspend-alone", "with half of the deferral", explaining: ["defer-no-flush"]) {
      patient in
      try patient.both { try $0.instances(irqs: 10, timeout: 0, suspend: 20_000_000) }
    },
    Fault("suspend-alone", "with none") { patient in
      try patient.both { try $0.instances(irqs: 0, timeout: 0, suspend: 20_000_000) }
    },
    Fault("rfs-half", "without the host's table") { patient in
      patient.both { $0.devices[0].paths[1].rpsFlowCount = .value(4096) }
    },
  ]
}

extension FalseAlarm {
  static let queueFalseAlarms: [FalseAlarm] = [
    FalseAlarm("irq-one-cpu", "one busy flow") { patient in
      for queue in 0..<4 { patient.now.interrupt(queue, onCPU: queue, queue == 1 ? 80_000 : 10) }
    },
    FalseAlarm("irq-one-cpu", "few packets") { patient in
      for queue in 0..<4 { patient.now.interrupt(queue, onCPU: 1, 20_000) }
      patient.before.devices[0].link.statistics = patient.now.devices[0].link.statistics
    },
    FalseAlarm("ring-overrun", "before the interval") { patient in
      patient.both { $0.devices[0].link.statistics?.rxMissedErrors = 90_000 }
    },
    FalseAlarm("ring-overrun", "the counter was reset") { patient in
      patient.before.devices[0].link.statistics?.rxMissedErrors = 90_000
    },
    FalseAlarm("one-queue", "whose CPU has time to spare") { patient in
      patient.both { $0.devices[0].paths.removeSubrange(1...) }
      patient.now.setPackets(ofQueue: 0, 400_000)
    },
    FalseAlarm("one-queue", "polled without interrupts beside a CPU that is full of another's") {
      patient in
      patient.both { $0.devices[0].paths.removeSubrange(1...) }
      patient.now.devices[0].paths[0].interruptCounts = InterruptCounts()
      patient.now.softnet(0) { $0.processed &+= 300_000 }
      patient.now.softnet(2) { $0.processed &+= 500_000 }
      patient.now.spend(softirq: 900, idle: 100, onCPU: 2)
    },
    FalseAlarm("one-queue", "with RPS behind it") { patient in
      patient.both { host in
        host.devices[0].paths.removeSubrange(1...)
        host.devices[0].paths[0].rpsCPUs = .value(CPUSet([2, 3]))
      }
      patient.now.spend(softirq: 900, idle: 100, onCPU: 0)
    },
    FalseAlarm("irq-one-cpu", "where all other CPUs are isolated") { patient in
      for queue in 0..<4 { patient.now.interrupt(queue, onCPU: 1, 20_000) }
      patient.surroundings.topology?.isolated = .value(CPUSet([0, 2, 3]))
    },
    FalseAlarm("irq-one-cpu", "before they were spread") { patient in
      patient.both { host in
        for queue in 0..<4 { host.interrupt(queue, onCPU: 1, 20_000) }
        host.devices[0].link.statistics?.rxPackets = 400_000
      }
    },
    FalseAlarm("queue-imbalance", "as the table's weights want it") { patient in
      for queue in 0..<4 { patient.now.setPackets(ofQueue: queue, queue == 3 ? 300_000 : 33_000) }
      patient.now.spend(softirq: 600, idle: 400, onCPU: 3)
      patient.both { host in
        for queue in 0..<4 { host.devices[0].paths[queue].rssShare = queue == 3 ? 0.7 : 0.1 }
      }
    },
    FalseAlarm("queue-imbalance", "on an idle CPU") { patient in
      for queue in 0..<4 { patient.now.setPackets(ofQueue: queue, queue == 3 ? 300_000 : 33_000) }
    },
    FalseAlarm("queue-imbalance", "queues that were reopened") { patient in
      for queue in 0..<4 { patient.now.setPackets(ofQueue: queue, queue == 3 ? 300_000 : 33_000) }
      patient.now.spend(softirq: 600, idle: 400, onCPU: 3)
      patient.before.devices[0].paths.removeLast()
    },
    FalseAlarm("numa-remote", "a device of no node") { patient in
      patient.both { host in
        host.devices[0].numaNode = .value(nil)
        for queue in 0..<4 { host.devices[0].paths[queue].numaDistance = nil }
      }
    },
    FalseAlarm("interrupt-storm", "adaptive moderation") { patient in
      patient.both { $0.parameter(\.coalescingParameters, "adaptive-rx", .flag(true)) }
      for queue in 0..<4 { patient.now.interrupt(queue, onCPU: queue, 300_000) }
    },
    FalseAlarm("interrupt-storm", "the latency profile wants it") { patient in
      patient.surroundings.changes = ["apply latency eth0"]
      for queue in 0..<4 { patient.now.interrupt(queue, onCPU: queue, 300_000) }
    },
    FalseAlarm("cloud-limit", "since boot") { patient in
      patient.both { host in
        host.devices[0].allowances = [
          DriverStatistics.Counter(name: "bw_in_allowance_exceeded", value: 90)
        ]
      }
    },
    FalseAlarm("gro-off", "for a program that captures") { patient in
      patient.both { host in
        host.feature("rx-gro", isOn: false)
        host.readings?.packetSockets = .value([
          PacketSocket(ifindex: nil, ethertype: 3, isRunning: true, inode: 7)
        ])
      }
    },
    FalseAlarm("lro-forwarding", "on a host that forwards nothing") { patient in
      patient.both { $0.feature("rx-lro", isOn: true) }
    },
    FalseAlarm("capture-merges", "a socket that gets EAPOL alone") { patient in
      patient.both { host in
        host.readings?.packetSockets = .value([
          PacketSocket(ifindex: nil, ethertype: 0x888e, isRunning: true, inode: 7)
        ])
      }
    },
    FalseAlarm("defer-no-flush", "both are set") { patient in
      patient.both { $0.deferral(irqs: 10, timeout: 20_000) }
    },
    FalseAlarm("defer-no-flush", "the timeout alone") { patient in
      patient.both { $0.deferral(irqs: 0, timeout: 20_000) }
    },
    FalseAlarm("rfs-half", "the host's table may serve another device") { patient in
      patient.both { $0.rpsSockFlowEntries = .value(32_768) }
    },
  ]
}

extension DeviceSnapshot {
  /// For key paths: `Coalescing` is its parameters.
  var coalescingParameters: Reading<EthtoolParameters> {
    get { coalescing.map(\.parameters) }
    set { coalescing = newValue.map { Coalescing(parameters: $0) } }
  }
}

extension HostSnapshot {
  /// The device's defaults, of kernels whose instances tell none.
  fileprivate mutating func deferral(irqs: Int, timeout: Int) {
    devices[0].napis = .value([])
    devices[0].napiDefaults = NAPIDefaults(
      deferHardIRQs: .value(irqs), groFlushTimeout: .value(timeout), threaded: .value(0))
  }

  fileprivate mutating func instances(irqs: UInt32, timeout: UInt64, suspend: UInt64) throws {
    devices[0].napiDefaults = nil
    devices[0].napis = .value(
      try (UInt32(1)...4).map { id in
        var writer = AttributeWriter()
        writer.put(2, id)
        writer.put(5, irqs)
        for (key, value) in [(6, timeout), (7, suspend), (8, 0)] as [(UInt16, UInt64)] {
          writer.put(key, value)
        }
        return try NAPI(Attributes(writer.bytes[...], "test"))
      })
  }
}

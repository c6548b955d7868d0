import Knobs

@testable import Diagnosis
@testable import ReceivePath

/// Faults of steering, channels and transmit queues.
extension Fault {
  static let steeringFaults: [Fault] = [
    Fault("rps-redundant", "over all four CPUs") { patient in
      patient.both { $0.steer([0, 1, 2, 3], over: 0..<4) }
    },
    Fault("rps-redundant", "and one CPU is full", explaining: ["rps-irq-cpu"]) { patient in
      patient.both { $0.steer([0, 1, 2, 3], over: 0..<4) }
      patient.now.spend(softirq: 800, idle: 200, onCPU: 2)
    },
    Fault("rps-irq-cpu", "among others") { patient in
      patient.haveEightCPUs()
      patient.both { $0.steer([1], over: 0..<8) }
      patient.now.spend(softirq: 800, idle: 200, onCPU: 1)
    },
    Fault("rps-irq-cpu", "the sibling of its thread") { patient in
      patient.haveEightCPUs()
      patient.surroundings.cores = (0..<4).map { CPUSet([$0, $0 + 4]) }
      patient.both { $0.steer([1], over: 5..<8) }
      patient.now.spend(softirq: 800, idle: 200, onCPU: 1)
    },
    Fault("rps-remote", "the other node's alone") { patient in
      patient.haveEightCPUs(nodes: 2)
      patient.both { $0.steer([0, 1], over: 4..<8) }
    },
    Fault("channels-few", "four of eight, on four of eight cores") { patient in
      patient.haveEightCPUs()
      for cpu in 0..<4 { patient.now.spend(softirq: 700, idle: 300, onCPU: cpu) }
    },
    Fault("channels-many", "CPUs went offline") { patient in
      patient.surroundings.topology?.online = CPUSet(0..<2)
    },
    Fault("table-gap", "two of four") { patient in patient.leaveOut(2..<4) },
    Fault("hash-off", "by hand", fixture: "virtio-4q-7.3") { patient in
      patient.both { $0.feature("rx-hashing", isOn: false) }
      patient.receiveAllAtTheFirstQueue()
    },
    Fault(
      "hash-off", "and the CPU is full", fixture: "virtio-4q-7.3",
      explaining: ["one-queue", "queue-imbalance"]
    ) { patient in
      patient.both { $0.feature("rx-hashing", isOn: false) }
      patient.receiveAllAtTheFirstQueue()
      patient.now.spend(softirq: 900, idle: 100, onCPU: 0)
    },
    Fault("xps-gap", "the first queue alone") { patient in
      patient.both { $0.devices[0].transmitQueues[0].steering.cpus = .value(CPUSet([0])) }
    },
  ]
}

extension FalseAlarm {
  static let steeringFalseAlarms: [FalseAlarm] = [
    FalseAlarm("rps-redundant", "fewer queues than CPUs") { patient in
      patient.haveEightCPUs()
      patient.both { $0.steer([0, 1, 2, 3], over: 0..<8) }
    },
    FalseAlarm("rps-redundant", "for RFS") { patient in
      patient.both { host in
        host.steer([0, 1, 2, 3], over: 0..<4)
        host.rpsSockFlowEntries = .value(32_768)
        for queue in 0..<4 { host.devices[0].paths[queue].rpsFlowCount = .value(8192) }
      }
    },
    FalseAlarm("rps-redundant", "to isolated CPUs") { patient in
      patient.haveEightCPUs()
      patient.surroundings.topology?.isolated = .value(CPUSet(4..<8))
      patient.both { $0.steer([0, 1, 2, 3], over: 4..<8) }
    },
    FalseAlarm("rps-redundant", "behind a table that leaves queues out") { patient in
      patient.both { host in
        host.steer([0], over: 0..<4)
        host.devices[0].paths[3].rssShare = 0
      }
    },
    FalseAlarm("rps-irq-cpu", "a CPU with time to spare") { patient in
      patient.haveEightCPUs()
      patient.both { $0.steer([1], over: 0..<8) }
    },
    FalseAlarm("rps-irq-cpu", "other CPUs alone") { patient in
      patient.haveEightCPUs()
      patient.both { $0.steer([1], over: 4..<8) }
      patient.now.spend(softirq: 800, idle: 200, onCPU: 1)
    },
    FalseAlarm("rps-remote", "of its own node") { patient in
      patient.haveEightCPUs(nodes: 2)
      patient.both { $0.steer([0], over: 1..<4) }
    },
    FalseAlarm("rps-remote", "an interrupt that may come on both nodes") { patient in
      patient.haveEightCPUs(nodes: 2)
      patient.both { host in
        host.steer([0], over: 4..<8)
        host.devices[0].paths[0].effectiveAffinity = .value(CPUSet([0, 4]))
      }
    },
    FalseAlarm("channels-few", "no core is left") { patient in
      for cpu in 0..<4 { patient.now.spend(softirq: 700, idle: 300, onCPU: cpu) }
    },
    FalseAlarm("channels-few", "one CPU has time to spare") { patient in
      patient.haveEightCPUs()
      for cpu in 0..<3 { patient.now.spend(softirq: 700, idle: 300, onCPU: cpu) }
    },
    FalseAlarm("channels-few", "the node's cores all have one") { patient in
      patient.haveEightCPUs(nodes: 2)
      patient.both { $0.devices[0].numaNode = .value(0) }
      for cpu in 0..<4 { patient.now.spend(softirq: 700, idle: 300, onCPU: cpu) }
    },
    FalseAlarm("channels-many", "two are AF_XDP's") { patient in
      patient.surroundings.topology?.online = CPUSet(0..<2)
      patient.both { host in
        for queue in 2..<4 { host.devices[0].paths[queue].takenBy = "xsk" }
      }
    },
    FalseAlarm("channels-many", "the driver has no choice") { patient in
      patient.surroundings.topology?.online = CPUSet(0..<2)
      patient.both { $0.devices[0].channels = .absent(Absence(.notSupported)) }
    },
    FalseAlarm("table-gap", "whose queues receive all the same") { patient in
      patient.both { $0.spreadRSS(over: 2) }
    },
    FalseAlarm("table-gap", "of other traffic classes") { patient in
      patient.leaveOut(2..<4)
      patient.both { host in
        for queue in 2..<4 { host.devices[0].transmitQueues[queue].trafficClass = .value(1) }
      }
    },
    FalseAlarm("table-gap", "a table with fewer entries than queues") { patient in
      patient.leaveOut(1..<4)
      patient.both { host in
        guard case .value(var rss) = host.devices[0].rss else { return }
        rss.table = [0]
        host.devices[0].rss = .value(rss)
      }
    },
    FalseAlarm("table-gap", "zeroes for a table that the driver does not know") { patient in
      patient.leaveOut(1..<4)
      patient.both { host in
        guard case .value(var rss) = host.devices[0].rss else { return }
        rss.key = []
        host.devices[0].rss = .value(rss)
      }
    },
    FalseAlarm("table-gap", "reserved for flow rules") { patient in
      patient.both { host in
        host.spreadRSS(over: 2)
        host.devices[0].flowRules = .value(
          [2, 3].map { queue in
            FlowRule(
              location: queue, flowType: "tcp4", matches: [], action: .queue(queue))
          })
      }
    },
    FalseAlarm("table-gap", "another context's") { patient in
      patient.both { host in
        host.spreadRSS(over: 2)
        guard case .value(var context) = host.devices[0].rss else { return }
        context.context = 1
        context.table = context.table.map { $0 + 2 }
        host.devices[0].rssContexts = .value([context])
      }
    },
    FalseAlarm("table-gap", "as many as the driver can spread over") { patient in
      patient.both { host in
        host.spreadRSS(over: 2)
        host.devices[0].paths.removeLast()
        guard case .value(var driver) = host.devices[0].driver else { return }
        driver.driver = "mlx4_en"
        host.devices[0].driver = .value(driver)
      }
    },
    FalseAlarm("hash-off", "the device does not offer it", fixture: "virtio-4q-7.3") { patient in
      patient.both { $0.feature("rx-hashing", isOn: false, isChangeable: false) }
      patient.receiveAllAtTheFirstQueue()
    },
    FalseAlarm("hash-off", "from the start", fixture: "virtio-4q-7.3") { patient in
      patient.both { $0.feature("rx-hashing", isOn: false) }
    },
    FalseAlarm("hash-off", "another driver's", fixture: "igb") { patient in
      patient.both { $0.feature("rx-hashing", isOn: false) }
      patient.receiveAllAtTheFirstQueue()
    },
    FalseAlarm("xps-gap", "more queues than CPUs need") { patient in
      patient.both { host in
        host.devices[0].transmitQueues[0].steering.cpus = .value(CPUSet(0..<2))
        host.devices[0].transmitQueues[1].steering.cpus = .value(CPUSet(2..<4))
      }
    },
    FalseAlarm("xps-gap", "by receive queues") { patient in
      patient.both { host in
        host.devices[0].transmitQueues[0].steering.cpus = .value(CPUSet([0]))
        host.devices[0].transmitQueues[1].steering.receiveQueues = .value([1])
      }
    },
  ]
}

extension Patient {
  /// Four more CPUs, which no queue interrupts; each a core.
  mutating func haveEightCPUs(nodes: Int = 1) {
    let distances = nodes > 1 ? [0: 10, 1: 20] : [0: 10]
    var topology = Topology(
      online: CPUSet(0..<8), isolated: .value(CPUSet()),
      nodes: .value([
        NUMANode(number: 0, cpus: CPUSet(0..<(nodes > 1 ? 4 : 8)), distances: distances)
      ]))
    if nodes > 1, case .value(let first) = topology.nodes {
      topology.nodes = .value(
        first + [NUMANode(number: 1, cpus: CPUSet(4..<8), distances: [0: 20, 1: 10])])
    }
    surroundings.topology = topology
    surroundings.cores = (0..<8).map { CPUSet([$0]) }
    for cpu in 4..<8 {
      before.spend(softirq: 0, idle: 0, onCPU: cpu)
      now.spend(softirq: 0, idle: 1000, onCPU: cpu)
    }
  }

  fileprivate mutating func receiveAllAtTheFirstQueue() {
    for queue in 0..<4 { now.setPackets(ofQueue: queue, queue == 0 ? 400_000 : 10) }
  }
}

extension HostSnapshot {
  mutating func steer(_ queues: [Int], over cpus: Range<Int>) {
    for queue in queues { devices[0].paths[queue].rpsCPUs = .value(CPUSet(cpus)) }
  }

  /// Its table over the first queues.
  mutating func spreadRSS(over count: UInt32) {
    guard case .value(var rss) = devices[0].rss else { return }
    rss.table = rss.table.indices.map { UInt32($0) % count }
    devices[0].rss = .value(rss)
  }
}

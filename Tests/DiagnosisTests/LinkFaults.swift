import Knobs

@testable import Diagnosis
@testable import ReceivePath

/// Faults of links, threads and power.
extension Fault {
  static let linkFaults: [Fault] = [
    Fault("pause", "sent") { patient in
      patient.now.devices[0].pauseFrames = .value(PauseFrames(sent: 500, received: 0))
    },
    Fault("link-errors", "a cable") { patient in
      patient.now.devices[0].link.statistics?.rxErrors &+= 20_000
      patient.now.devices[0].link.statistics?.rxCRCErrors &+= 20_000
    },
    Fault("ring-overrun", "that the driver counts as errors, too") { patient in
      patient.now.devices[0].link.statistics?.rxErrors &+= 20_000
      patient.now.devices[0].link.statistics?.rxMissedErrors &+= 20_000
    },
    Fault("threaded-unpinned", "one of two") { patient in
      patient.both { host in
        host.devices[0].napis = .value([])
        host.devices[0].threads = [
          .value(NAPIThread(pid: 71, name: "napi/eth0-1", allowedCPUs: CPUSet(0..<4))),
          .value(NAPIThread(pid: 72, name: "napi/eth0-2", allowedCPUs: CPUSet([1]))),
        ]
      }
    },
    Fault("ksoftirqd", "on CPU 1") { patient in
      patient.spendInThread(ticks: 800, onCPU: 1)
      patient.now.softnet(1) { $0.processed &+= 400_000 }
    },
    Fault("idle-states", "powersave on one CPU") { patient in
      patient.surroundings.changes = ["apply latency eth0"]
      patient.govern(["performance", "powersave", "performance", "performance"])
    },
    Fault("idle-states", "a deep state") { patient in
      patient.surroundings.changes = ["apply latency eth0"]
      patient.both { $0.readings?.idleLatencies = .value([0: 0, 1: 2, 2: 133]) }
    },
    Fault("conntrack", "nearly full") { patient in
      patient.both { host in
        host.readings?.connectionTracking = .value(ConnectionTracking(count: 800, maximum: 1000))
      }
    },
  ]
}

extension FalseAlarm {
  static let linkFalseAlarms: [FalseAlarm] = [
    FalseAlarm("pause", "the switch asks for it") { patient in
      patient.now.devices[0].pauseFrames = .value(PauseFrames(sent: 0, received: 500))
    },
    FalseAlarm("pause", "before the interval") { patient in
      patient.both { host in
        host.devices[0].pauseFrames = .value(PauseFrames(sent: 500, received: 0))
      }
    },
    FalseAlarm("link-errors", "a few in 400,000") { patient in
      patient.now.devices[0].link.statistics?.rxErrors &+= 5
      patient.now.devices[0].link.statistics?.rxCRCErrors &+= 5
    },
    FalseAlarm("link-errors", "before the interval") { patient in
      patient.both { $0.devices[0].link.statistics?.rxCRCErrors = 90_000 }
    },
    FalseAlarm("threaded-unpinned", "kept from isolated CPUs") { patient in
      patient.both { host in
        host.devices[0].napis = .value([])
        host.devices[0].threads = [
          .value(NAPIThread(pid: 71, name: "napi/eth0-1", allowedCPUs: CPUSet(0..<2)))
        ]
      }
    },
    FalseAlarm("ksoftirqd", "other softirqs") { patient in
      patient.spendInThread(ticks: 800, onCPU: 1)
    },
    FalseAlarm("ksoftirqd", "a tenth of a CPU") { patient in
      patient.spendInThread(ticks: 100, onCPU: 1)
      patient.now.softnet(1) { $0.processed &+= 400_000 }
    },
    FalseAlarm("idle-states", "no latency profile") { patient in
      patient.surroundings.changes = ["apply throughput eth0"]
      patient.govern(["powersave", "powersave", "powersave", "powersave"])
    },
    FalseAlarm("idle-states", "performance") { patient in
      patient.surroundings.changes = ["apply latency eth0"]
      patient.govern(["performance", "performance", "performance", "performance"])
    },
    FalseAlarm("idle-states", "a program keeps CPUs from them") { patient in
      patient.surroundings.changes = ["apply latency eth0"]
      patient.both { $0.readings?.idleLatencies = .value([0: 0, 1: 2, 2: 133]) }
      patient.set(.cpuDMALatency, .number(3))
    },
    FalseAlarm("idle-states", "shallow ones") { patient in
      patient.surroundings.changes = ["apply latency eth0"]
      patient.both { $0.readings?.idleLatencies = .value([0: 0, 1: 2]) }
    },
    FalseAlarm("conntrack", "three quarters full") { patient in
      patient.both { host in
        host.readings?.connectionTracking = .value(ConnectionTracking(count: 750, maximum: 1000))
      }
    },
    FalseAlarm("conntrack", "without a limit") { patient in
      patient.both { host in
        host.readings?.connectionTracking = .value(ConnectionTracking(count: 800, maximum: 0))
      }
    },
  ]
}

extension Patient {
  /// ksoftirqd's, in the interval.
  fileprivate mutating func spendInThread(ticks: UInt64, onCPU cpu: Int) {
    before.readings?.softirqThreads = .value([SoftirqThread(cpu: cpu, ticks: 500)])
    now.readings?.softirqThreads = .value([SoftirqThread(cpu: cpu, ticks: 500 + ticks)])
  }

  /// A governor for each CPU; the record has none.
  fileprivate mutating func govern(_ governors: [String]) {
    var settings = Settings()
    for (cpu, governor) in governors.enumerated() {
      settings.add(
        .cpuScalingGovernor, at: .cpu(cpu), .value(KnobReading(.text(governor), origin: "test")))
    }
    for knob in Rule.reads where knob.id != Knob.cpuScalingGovernor.id {
      for (place, reading) in self.settings.all(knob) { settings.add(knob, at: place, reading) }
    }
    self.settings = settings
  }
}

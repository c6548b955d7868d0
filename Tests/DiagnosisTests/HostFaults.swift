import Knobs

@testable import Diagnosis
@testable import ReceivePath

/// Faults of sockets, CPUs and the host.
extension Fault {
  static let hostFaults: [Fault] = [
    Fault("udp-rcvbuf", "one socket, which asks for no size") { patient in
      try patient.before.addUDPSocket(
        port: 53, cookie: 1, held: 0, buffer: 212_992, drops: 4_294_967_290)
      // The counter wraps.
      try patient.now.addUDPSocket(port: 53, cookie: 1, held: 0, buffer: 212_992, drops: 100)
      try patient.now.count("UdpRcvbufErrors", 107)
    },
    Fault("udp-rcvbuf", "sockets that cannot be named") { patient in
      try patient.now.count("UdpRcvbufErrors", 900)
    },
    Fault("accept-queue", "a program's own backlog") { patient in
      try patient.before.addListener(port: 80, cookie: 1, queued: 6, limit: 5)
      try patient.now.addListener(port: 80, cookie: 1, queued: 6, limit: 5, drops: 200)
      try patient.now.count("TcpExtListenOverflows", 201)
    },
    Fault("accept-queue", "as long as somaxconn") { patient in
      patient.set(.somaxconn, .number(4096))
      try patient.before.addListener(port: 80, cookie: 1, queued: 100, limit: 4096)
      try patient.now.addListener(port: 80, cookie: 1, queued: 4097, limit: 4096, drops: 200)
      try patient.now.count("TcpExtListenOverflows", 201)
    },
    Fault("time-squeeze", "on CPU 2") { patient in
      patient.now.softnet(2) { $0.timeSqueeze = 500 }
      patient.now.spend(softirq: 850, idle: 150, onCPU: 2)
    },
    Fault("backlog-drop", "on CPU 3") { patient in
      patient.now.softnet(3) { $0.dropped = 5_000 }
    },
    Fault("backlog-drop", "and that CPU is full", explaining: ["time-squeeze"]) { patient in
      patient.now.softnet(3) {
        $0.dropped = 5_000
        $0.timeSqueeze = 500
      }
      patient.now.spend(softirq: 850, idle: 150, onCPU: 3)
    },
    Fault("irqbalance-undoes", "a change placed them") { patient in
      patient.surroundings.irqbalance = 71
      patient.surroundings.placedInterrupts = [("eth0", "irq eth0 spread")]
    },
  ]
}

extension FalseAlarm {
  static let hostFalseAlarms: [FalseAlarm] = [
    FalseAlarm("udp-rcvbuf", "before the interval") { patient in
      try patient.both { try $0.count("UdpRcvbufErrors", 4_000) }
    },
    FalseAlarm("accept-queue", "a short queue with its one connection") { patient in
      try patient.both { try $0.addListener(port: 80, cookie: 1, queued: 1, limit: 1) }
    },
    FalseAlarm("accept-queue", "four in ten seconds") { patient in
      try patient.now.count("TcpExtListenOverflows", 5)
    },
    FalseAlarm("time-squeeze", "a few on an idle CPU") { patient in
      patient.now.softnet(2) { $0.timeSqueeze = 500 }
    },
    FalseAlarm("time-squeeze", "six on a busy one") { patient in
      patient.now.softnet(2) { $0.timeSqueeze = 6 }
      patient.now.spend(softirq: 850, idle: 150, onCPU: 2)
    },
    FalseAlarm("backlog-drop", "a few") { patient in
      patient.now.softnet(3) { $0.dropped = 9 }
    },
    FalseAlarm("irqbalance-undoes", "nothing was placed") { patient in
      patient.surroundings.irqbalance = 71
    },
  ]
}

import Knobs

@testable import Diagnosis
@testable import ReceivePath

/// Faults of listeners, protocols and their memory.
extension Fault {
  static let socketFaults: [Fault] = [
    Fault("reuseport-skew", "a worker that is stuck") { patient in
      try patient.both { try $0.addListener(port: 80, cookie: 1, queued: 60, limit: 100) }
      try patient.both { try $0.addListener(port: 80, cookie: 2, queued: 0, limit: 100) }
    },
    Fault("reuseport-skew", "that loses connections", explaining: ["accept-queue"]) { patient in
      try patient.both { try $0.addListener(port: 80, cookie: 1, queued: 0, limit: 100) }
      try patient.before.addListener(port: 80, cookie: 2, queued: 0, limit: 100)
      try patient.now.addListener(port: 80, cookie: 2, queued: 101, limit: 100, drops: 90)
      try patient.now.count("TcpExtListenOverflows", 91)
    },
    Fault("socket-backlog", "held by its program") { patient in
      try patient.now.count("TcpExtTCPBacklogDrop", 40)
    },
    Fault("socket-backlog", "its receive buffer") { patient in
      try patient.now.count("TcpExtTCPRcvQDrop", 2)
    },
    Fault("syn-queue", "cookies") { patient in
      try patient.both { try $0.addListener(port: 80, cookie: 1, queued: 0, limit: 4) }
      try patient.now.count("TcpExtTCPReqQFullDoCookies", 101)
    },
    Fault("syn-queue", "drops, at somaxconn") { patient in
      patient.set(.somaxconn, .number(128))
      try patient.both { try $0.addListener(port: 80, cookie: 1, queued: 0, limit: 128) }
      try patient.now.count("TcpExtTCPReqQFullDrop", 101)
    },
    Fault("udp-mem", "IPv4") { patient in try patient.now.count("UdpMemErrors", 50) },
  ]

  /// What is worth a note, and no finding.
  static let harmless: [Fault] = [
    Fault("rx-dropped-benign", "packets that nobody wants") { patient in
      patient.now.devices[0].link.statistics?.rxDropped &+= 400
    },
    Fault("syn-backlog-myth", "with cookies") { patient in
      patient.set(.tcpMaxSYNBacklog, .number(65_536))
    },
    Fault("backlog-myth", "of a host with NICs alone") { patient in
      patient.set(.netdevMaxBacklog, .number(30_000))
      patient.both { $0.addLoopback() }
    },
  ]
}

extension FalseAlarm {
  static let socketFalseAlarms: [FalseAlarm] = [
    FalseAlarm("reuseport-skew", "all have work") { patient in
      for cookie in 1...3 {
        try patient.both {
          try $0.addListener(port: 80, cookie: UInt64(cookie), queued: 60, limit: 100)
        }
      }
    },
    FalseAlarm("reuseport-skew", "a moment's burst") { patient in
      try patient.before.addListener(port: 80, cookie: 1, queued: 0, limit: 100)
      try patient.now.addListener(port: 80, cookie: 1, queued: 60, limit: 100)
      try patient.both { try $0.addListener(port: 80, cookie: 2, queued: 0, limit: 100) }
    },
    FalseAlarm("reuseport-skew", "a few connections") { patient in
      try patient.both { try $0.addListener(port: 80, cookie: 1, queued: 6, limit: 10) }
      try patient.both { try $0.addListener(port: 80, cookie: 2, queued: 0, limit: 10) }
    },
    FalseAlarm("reuseport-skew", "two servers on two ports") { patient in
      try patient.both { try $0.addListener(port: 80, cookie: 1, queued: 60, limit: 100) }
      try patient.both { try $0.addListener(port: 81, cookie: 2, queued: 0, limit: 100) }
    },
    FalseAlarm("socket-backlog", "before the interval") { patient in
      try patient.both { try $0.count("TcpExtTCPBacklogDrop", 40) }
    },
    FalseAlarm("syn-queue", "five in ten seconds") { patient in
      try patient.now.count("TcpExtTCPReqQFullDoCookies", 6)
    },
    FalseAlarm("syn-backlog-myth", "without cookies it counts") { patient in
      patient.set(.tcpMaxSYNBacklog, .number(65_536))
      patient.set(.tcpSYNCookies, .number(0))
    },
    FalseAlarm("syn-backlog-myth", "the default of much memory") { patient in
      patient.set(.tcpMaxSYNBacklog, .number(4096))
    },
    FalseAlarm("backlog-myth", "a tunnel uses it") { patient in
      patient.set(.netdevMaxBacklog, .number(30_000))
      patient.both { host in
        host.addLoopback()
        host.addLink("vx0", kind: "vxlan")
      }
    },
    FalseAlarm("backlog-myth", "RPS uses it") { patient in
      patient.haveEightCPUs()
      patient.set(.netdevMaxBacklog, .number(30_000))
      patient.both { host in
        host.addLoopback()
        host.steer([0], over: 4..<8)
      }
    },
    FalseAlarm("backlog-myth", "it was full once") { patient in
      patient.set(.netdevMaxBacklog, .number(30_000))
      patient.both { host in
        host.addLoopback()
        host.softnet(0) { $0.dropped = 7 }
      }
    },
  ]
}

extension HostSnapshot {
  fileprivate mutating func addLoopback() {
    addLink("lo", kind: nil)
    links[links.count - 1].flags.insert(.loopback)
  }

  /// As the first device, but virtual.
  fileprivate mutating func addLink(_ name: String, kind: String?) {
    var link = devices[0].link
    (link.name, link.kind, link.parentBus, link.parentDevice) = (name, kind, nil, nil)
    link.index &+= Int32(links.count) &+ 100
    links.append(link)
  }
}

import Foundation
import KernelIO
import Knobs
import Netlink
import Notation
import TestSupport

@testable import Diagnosis
@testable import ReceivePath

/// A host at two moments ten seconds apart, to be given a fault: as recorded, healthy and busy. Its four
/// CPUs have time to spare, and each of the four queues interrupts one of its own.
struct Patient {
  var before: HostSnapshot
  var now: HostSnapshot
  var settings: Settings
  var surroundings: Surroundings

  static let interval = 10.0
  static let packetsPerQueue: UInt64 = 100_000

  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  static func host(_ fixture: String) throws -> ReceivePath.Host {
    try moments(fixture)[0]
  }

  /// A recorded host at each moment that it was recorded at, one at least.
  static func moments(_ fixture: String) throws -> [ReceivePath.Host] {
    let file = fixtures.appending(path: fixture + ".capture")
    return try Capture.moments([UInt8](Data(contentsOf: file))).map {
      ReceivePath.Host(ReplayKernel($0))
    }
  }

  /// - Parameter fixture: of four queues.
  init(_ fixture: String = "igb", device: String = "eth0") throws {
    let host = try Self.host(fixture)
    guard let link = try host.links().first(where: { $0.name == device }) else {
      throw KernelError("link", device, .noDevice)
    }
    before = host.snapshot(of: [link], isWhole: true)
    settings = host.settings(of: Rule.reads)
    surroundings = Surroundings()
    surroundings.knowsChanges = true
    surroundings.topology = try? host.topology()
    surroundings.cores = (try? host.cores(of: CPUSet(0..<4))) ?? []
    before.readings = HostReadings(
      uptime: .value(1000), processors: .value([:]), softirqThreads: .value([]),
      packetSockets: .value([]), packetOwners: SocketOwners(),
      connectionTracking: .value(ConnectionTracking(count: 10, maximum: 1000)),
      forwarding: .value(Forwarding(ipv4: false, ipv6: false)),
      counters: .value(ProtocolCounters()))
    before.sockets = SocketSnapshot(
      listeners: .value([]), udp: .value([]), owners: SocketOwners(), counters: nil)
    before.devices[0].pauseFrames = .value(PauseFrames(sent: 0, received: 0))
    before.softnet = .value(SoftnetStat(rows: (0..<4).map { Self.softnetRow(cpu: $0) }))
    // Every rule has what it looks at.
    for counter in Self.counters { try before.count(counter, 1) }
    before.devices[0].flowRules = .value([])
    before.spreadRSS(over: 4)
    for queue in before.devices[0].paths.indices {
      before.devices[0].paths[queue].effectiveAffinity = .value(CPUSet([queue]))
      before.devices[0].paths[queue].rpsCPUs = .value(CPUSet())
      before.devices[0].paths[queue].rssShare = 0.25
      before.devices[0].paths[queue].interruptCounts = InterruptCounts()
      before.devices[0].paths[queue].statistics = QueueStatistics(
        direction: .rx, id: UInt32(queue))
      before.devices[0].paths[queue].statistics?.packets = 0
      before.devices[0].paths[queue].statistics?.drops = 0
    }
    now = before
    now.readings?.uptime = .value(1000 + Self.interval)
    for queue in now.devices[0].paths.indices {
      now.setPackets(ofQueue: queue, Self.packetsPerQueue)
      now.interrupt(queue, onCPU: queue, 20_000)
    }
    for cpu in 0..<4 { now.spend(softirq: 100, idle: 900, onCPU: cpu) }
    before.readings?.processors = .value(
      (0..<4).reduce(into: [:]) { $0[$1] = ProcessorTimes() })
    let packets = Self.packetsPerQueue * UInt64(before.devices[0].paths.count)
    now.devices[0].link.statistics?.rxPackets &+= packets
  }

  /// nstat's names of what rules look at.
  private static let counters = [
    "UdpRcvbufErrors", "Udp6RcvbufErrors", "UdpInDatagrams", "UdpMemErrors", "TcpInSegs",
    "TcpExtListenOverflows", "TcpExtListenDrops", "TcpExtTCPReqQFullDoCookies",
    "TcpExtTCPReqQFullDrop", "TcpExtTCPBacklogDrop", "TcpExtTCPRcvQDrop",
  ]

  private static func softnetRow(cpu: Int) -> SoftnetStat.Row {
    SoftnetStat.Row(
      cpu: cpu, processed: 1000, dropped: 0, timeSqueeze: 0, receivedRPS: 0, flowLimitCount: 0,
      backlogLength: 0, inputQueueLength: 0, processQueueLength: 0)
  }

  var examination: Examination {
    Examination(now, since: before, settings: settings, surroundings: surroundings)
  }

  var checkup: Checkup { Checkup(examination) }

  /// Ids of the rules that find something, worst first.
  var found: [String] { checkup.found.map(\.rule.id) }

  /// Changes what is the same at both moments.
  mutating func both(_ change: (inout HostSnapshot) throws -> Void) rethrows {
    try change(&before)
    try change(&now)
  }

  /// Makes the RSS table name the first queues alone, and these receive nothing.
  mutating func leaveOut(_ queues: Range<Int>) {
    both { $0.spreadRSS(over: UInt32(queues.lowerBound)) }
    for queue in queues { now.setPackets(ofQueue: queue, 0) }
  }

  /// A knob of the host or its namespace.
  mutating func set(_ knob: Knob, _ value: KnobValue) {
    settings = settings.with(knob, value)
  }
}

extension Settings {
  /// With another value in front of those that were read.
  fileprivate func with(_ knob: Knob, _ value: KnobValue) -> Settings {
    var settings = Settings()
    settings.add(knob, .value(KnobReading(value, origin: "test")))
    for other in Rule.reads where other.id != knob.id {
      for (place, reading) in all(other) { settings.add(other, at: place, reading) }
    }
    return settings
  }
}

extension HostSnapshot {
  /// A counter of the protocols, by nstat's name.
  mutating func count(_ name: String, _ value: UInt64) throws {
    guard case .value(var counters)? = readings?.counters else { return }
    try counters.add(list: Array("\(name) \(value)\n".utf8), "test")
    readings?.counters = .value(counters)
  }

  mutating func setPackets(ofQueue queue: Int, _ packets: UInt64, device: Int = 0) {
    devices[device].paths[queue].statistics?.packets = packets
  }

  /// All interrupts of a queue on one CPU.
  mutating func interrupt(_ queue: Int, onCPU cpu: Int, _ count: UInt64, device: Int = 0) {
    devices[device].paths[queue].interruptCounts = InterruptCounts([
      InterruptCounts.Count(cpu: Int32(cpu), value: count)
    ])
  }

  /// Clock ticks.
  mutating func spend(
    softirq: UInt64, idle: UInt64, steal: UInt64 = 0, onCPU cpu: Int
  ) {
    var times = ProcessorTimes()
    (times.softirq, times.idle, times.steal) = (softirq, idle, steal)
    guard case .value(var processors)? = readings?.processors else { return }
    processors[cpu] = times
    readings?.processors = .value(processors)
  }

  mutating func softnet(_ cpu: Int, _ change: (inout SoftnetStat.Row) -> Void) {
    guard case .value(var table) = softnet, table.rows.indices.contains(cpu) else { return }
    change(&table.rows[cpu])
    softnet = .value(table)
  }

  mutating func feature(
    _ name: String, isOn: Bool, isChangeable: Bool = true, device: Int = 0
  ) {
    guard case .value(var offloads) = devices[device].offloads else { return }
    offloads.features.removeAll { $0.name == name }
    offloads.features.append(
      Offloads.Feature(name: name, isActive: isOn, isWanted: isOn, isChangeable: isChangeable))
    devices[device].offloads = .value(offloads)
  }

  /// A parameter of ethtool's messages: rings, channels, coalescing.
  mutating func parameter(
    _ place: WritableKeyPath<DeviceSnapshot, Reading<EthtoolParameters>>, _ name: String,
    _ value: KnobValue, maximum: Int64? = nil, device: Int = 0
  ) {
    var parameters = devices[device][keyPath: place].value?.parameters ?? []
    parameters.removeAll { $0.name == name }
    parameters.append(
      EthtoolParameters.Parameter(name: name, value: value, maximum: maximum))
    devices[device][keyPath: place] = .value(EthtoolParameters(parameters: parameters))
  }

  mutating func addListener(
    port: UInt16, cookie: UInt64, queued: UInt32, limit: UInt32, drops: UInt32 = 0
  ) throws {
    let socket = try InetSocket.made(
      .tcp, port: port, cookie: cookie, queued: queued, limit: limit,
      memory: [0, 131_072, 0, 0, 0, 0, 0, 0, drops])
    let present = sockets?.listeners.value?.flatMap(\.members) ?? []
    sockets?.listeners = .value(ListenerGroup.groups(present + [socket]))
  }

  mutating func addUDPSocket(
    port: UInt16, cookie: UInt64, held: UInt32, buffer: UInt32, drops: UInt32
  ) throws {
    let socket = try InetSocket.made(
      .udp, port: port, cookie: cookie, queued: held, limit: 0,
      memory: [held, buffer, 0, 0, 0, 0, 0, 0, drops])
    let present = sockets?.udp.value?.flatMap(\.members) ?? []
    sockets?.udp = .value(ListenerGroup.groups(present + [socket]))
  }
}

extension InetSocket {
  fileprivate static func made(
    _ transport: TransportProtocol, port: UInt16, cookie: UInt64, queued: UInt32, limit: UInt32,
    memory: [UInt32]
  ) throws -> InetSocket {
    var writer = AttributeWriter(header: [])
    writer.put(7, bytes: memory.flatMap { hostBytes($0) })
    let attributes = try Attributes(writer.bytes[...], "test")
    guard let attribute = attributes[7 as UInt16] else {
      throw DecodeError("test", offset: 0, "none")
    }
    guard let address = IPAddress("0.0.0.0") else { throw DecodeError("test", offset: 0, "none") }
    return InetSocket(
      transport: transport, family: .ipv4, state: 10, address: address,
      port: port, peer: nil, interface: nil, receiveQueue: queued, sendQueue: limit, uid: 0,
      inode: UInt32(truncatingIfNeeded: cookie), cookie: cookie, isIPv6Only: nil,
      memory: try SocketMemory(decoding: attribute))
  }
}

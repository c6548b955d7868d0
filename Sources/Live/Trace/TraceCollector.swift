import Histogram

/// Makes stages of packets: all of them, and by queue, CPU and socket; and keeps the slowest.
package struct TraceCollector {
  private var stages = TraceStage.all.map { _ in TraceCounter() }
  private var whole = TraceCounter()
  private var queues: [TraceGroup.Key: Group] = [:]
  private var cpus: [TraceGroup.Key: Group] = [:]
  private var sockets: [TraceGroup.Key: Group] = [:]
  private var slowest: [PacketRecord] = []
  private let slowestCount: Int
  private var ways = PacketRecord.Way.allCases.map { _ in UInt64(0) }
  private var moved: UInt64 = 0

  /// A histogram of two digits is 15 KiB: the groups of one kind are a megabyte or few.
  private static let mostGroups = 512

  private struct Group {
    var whole = TraceCounter(digits: .two)
    var sums = TraceStage.all.map { _ in UInt64(0) }
  }

  package init(slowest: Int) { slowestCount = max(0, slowest) }

  package mutating func add(_ packet: PacketRecord) {
    let times = packet.times
    for (index, time) in times.enumerated() {
      if let time { stages[index].record(time) }
    }
    let total = packet.whole
    whole.record(total)
    if let way = packet.way { ways[Int(way.rawValue)] &+= 1 }
    if packet.changedCPU { moved &+= 1 }
    let napi = packet.queue == nil && packet.way != .backlog ? packet.napi : nil
    Self.add(
      times, total, to: .queue(ifindex: packet.ifindex, packet.queue, napi: napi), &queues)
    Self.add(times, total, to: .cpu(packet.stackCPU), &cpus)
    if let transport = packet.transport {
      Self.add(times, total, to: .port(transport, packet.localPort), &sockets)
    }
    keep(packet, total)
  }

  private static func add(
    _ times: [UInt64?], _ total: UInt64, to key: TraceGroup.Key,
    _ groups: inout [TraceGroup.Key: Group]
  ) {
    let key = groups[key] != nil || groups.count < mostGroups ? key : .others
    groups[key, default: Group()].whole.record(total)
    for (index, time) in times.enumerated() {
      if let time { groups[key]?.sums[index] &+= time }
    }
  }

  private mutating func keep(_ packet: PacketRecord, _ total: UInt64) {
    guard slowestCount > 0 else { return }
    if slowest.count == slowestCount {
      guard let last = slowest.last, total > last.whole else { return }
      slowest.removeLast()
    }
    let place = slowest.firstIndex { $0.whole < total } ?? slowest.endIndex
    slowest.insert(packet, at: place)
  }

  /// What came in, summed up.
  package var summary: TraceSummary {
    TraceSummary(
      stages: stages.map(\.times), whole: whole.times, queues: Self.groups(queues),
      cpus: Self.groups(cpus), sockets: Self.groups(sockets), slowest: slowest,
      ways: Dictionary(uniqueKeysWithValues: zip(PacketRecord.Way.allCases, ways)), moved: moved)
  }

  private static func groups(_ groups: [TraceGroup.Key: Group]) -> [TraceGroup] {
    groups.compactMap { key, group in
      group.whole.times.map { TraceGroup(key: key, whole: $0, sums: group.sums) }
    }.sorted { $0.key < $1.key }
  }
}

/// Packets of one queue, CPU or socket.
package struct TraceGroup: Hashable, Sendable {
  package enum Key: Hashable, Sendable {
    /// A device's receive queue; where the driver does not tell it, its NAPI instance, if it has
    /// one.
    case queue(ifindex: UInt32, UInt32?, napi: UInt32?)
    /// That ran the stack for them.
    case cpu(UInt32)
    case port(PacketRecord.Transport, UInt16)
    /// Beyond the number of groups that are kept.
    case others
  }

  package var key: Key
  package var whole: TraceTimes
  /// Nanoseconds in each stage, in the order of `TraceStage.all`.
  package var sums: [UInt64]

  /// The stage that most of the time went to.
  package var slowestStage: TraceStage? {
    zip(TraceStage.all, sums).max { $0.1 < $1.1 }.flatMap { $0.1 > 0 ? $0.0 : nil }
  }
}

extension TraceGroup.Key: Comparable {
  private var order: (UInt64, UInt64) {
    switch self {
    case .queue(let ifindex, let queue, let napi):
      (UInt64(ifindex), queue.map { UInt64($0) } ?? UInt64(UInt32.max) + 1 + UInt64(napi ?? 0))
    case .cpu(let cpu): (0, UInt64(cpu))
    case .port(let transport, let port): (UInt64(transport.rawValue), UInt64(port))
    case .others: (.max, .max)
    }
  }

  package static func < (left: TraceGroup.Key, right: TraceGroup.Key) -> Bool {
    left.order < right.order
  }
}

/// Stages of the packets of a trace.
package struct TraceSummary: Hashable, Sendable {
  /// In the order of `TraceStage.all`; nil where no packet passed it.
  package var stages: [TraceTimes?]
  package var whole: TraceTimes?
  package var queues: [TraceGroup]
  package var cpus: [TraceGroup]
  package var sockets: [TraceGroup]
  /// By their whole time, the slowest first.
  package var slowest: [PacketRecord]
  package var ways: [PacketRecord.Way: UInt64]
  /// Packets that went to another CPU between GRO and stack.
  package var moved: UInt64
}

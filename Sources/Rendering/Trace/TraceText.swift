import Live
import Scaling

extension TraceDocument: MarkedDocument {
  package var marked: [String] {
    var parts = [heading]
    if let whole = trace.summary.whole {
      parts.append(stages(whole))
      parts += [
        groups("QUEUE", trace.summary.queues), groups("STACK CPU", trace.summary.cpus),
        groups("SOCKET", trace.summary.sockets),
      ]
      if !trace.summary.slowest.isEmpty { parts.append(slowest) }
    }
    if listsDrops { parts.append(drops) }
    parts.append(ends)
    parts.append(trace.notes.map { "note: \(Terminal.printable($0))" } + cost)
    return Array(parts.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  // MARK: - Parts

  private var heading: [String] {
    let names = trace.devices.map { Terminal.printable($0.name) }.joined(separator: ", ")
    let queue = trace.queue.map { ", queue \($0)" } ?? ""
    let port = trace.port.map { ", port \($0)" } ?? ""
    let counts = trace.counts
    return [
      "\(names)\(queue)\(port), \(Words.time(trace.duration)): "
        + "\(Words.grouped(counts.entered)) packets received, "
        + "\(Words.grouped(counts.read)) of them followed to their reader"
    ]
  }

  private func stages(_ whole: TraceTimes) -> [String] {
    var table = Table(
      [.left("STAGE"), .right("PACKETS"), .right("SHARE")] + Self.timeColumns)
    for (stage, times) in zip(TraceStage.all, trace.summary.stages) {
      guard let times else { continue }
      let share = whole.sum == 0 ? nil : Double(times.sum) / Double(whole.sum)
      table.add(
        [stage.title, Words.grouped(times.count), share.map(Words.percent)] + Self.cells(times))
    }
    table.add(["whole", Words.grouped(whole.count), nil] + Self.cells(whole))
    return table.lines()
  }

  private static let timeColumns: [Table.Column] =
    [.right("MEAN"), .right("P50"), .right("P90"), .right("P99"), .right("MAX")]

  private static func cells(_ times: TraceTimes) -> [String?] {
    [UInt64(times.mean.rounded()), times.p50, times.p90, times.p99, times.max].map(Words.time)
  }

  /// Busy hosts have thousands of sockets: the ones with most time in them say the most.
  private static let mostRows = 20

  private func groups(_ title: String, _ groups: [TraceGroup]) -> [String] {
    guard !groups.isEmpty else { return [] }
    var table = Table(
      [.left(title), .right("PACKETS")] + Self.timeColumns + [.left("MOST TIME IN")])
    var shown = groups
    if groups.count > Self.mostRows {
      let least = groups.map(\.whole.sum).sorted(by: >)[Self.mostRows - 1]
      shown = groups.filter { $0.whole.sum >= least }
    }
    for group in shown {
      table.add(
        [name(of: group.key), Words.grouped(group.whole.count)] + Self.cells(group.whole)
          + [group.slowestStage?.title])
    }
    let rest = groups.count - shown.count
    return table.lines() + (rest > 0 ? ["\(rest) more, with less time in them: see --json"] : [])
  }

  private func name(of key: TraceGroup.Key) -> String {
    switch key {
    case .queue(let ifindex, let queue, let napi):
      trace.name(ofDevice: ifindex)
        + (queue.map { " rx-\($0)" } ?? napi.map { " NAPI \($0)" } ?? " (no NAPI)")
    case .cpu(let cpu): "\(cpu)"
    case .port(let transport, let port): "\(transport.name) \(port)"
    case .others: "others"
    }
  }

  // MARK: - Slowest

  private var slowest: [String] {
    ["slowest packets"]
      + trace.summary.slowest.enumerated().flatMap { index, packet in
        ["\(index + 1). " + Terminal.printable(describe(packet))] + walk(packet)
      }
  }

  private func describe(_ packet: PacketRecord) -> String {
    let queue = packet.queue.map { " rx-\($0)" } ?? ""
    let transport =
      packet.transport.map { "\($0.name)\(packet.family == 6 ? " (IPv6)" : "")" } ?? "unknown"
    return "\(Words.time(packet.whole)): \(transport) port \(packet.localPort) from port "
      + "\(packet.remotePort), \(Words.grouped(UInt64(packet.length))) bytes, "
      + "\(trace.name(ofDevice: packet.ifindex))\(queue), read by "
      + "\(packet.name)/\(packet.process)"
  }

  /// A line for each stage: what it took, and when it ended.
  private func walk(_ packet: PacketRecord) -> [String] {
    var table = Table([.left("STAGE"), .right("TIME"), .right("ENDS AT"), .left("ON")])
    var total: UInt64 = 0
    for (stage, time) in zip(TraceStage.all, packet.times) {
      guard let time else { continue }
      total += time
      table.add([stage.title, Words.time(time), Words.time(total), place(of: stage, packet)])
    }
    return table.lines(indent: 3)
  }

  private func place(of stage: TraceStage, _ packet: PacketRecord) -> String? {
    switch stage.id {
    case "interrupt": "IRQ \(packet.irq), CPU \(packet.entryCPU)"
    case "softirq", "turn", "poll": "CPU \(packet.entryCPU)"
    case "gro":
      packet.changedCPU
        ? "CPU \(packet.entryCPU) → \(packet.stackCPU)" : "CPU \(packet.entryCPU)"
    case "stack", "wake-up": "CPU \(packet.stackCPU)"
    default: "CPU \(packet.readCPU)"
    }
  }

  // MARK: - Ends

  private var ends: [String] {
    let counts = trace.counts
    guard counts.entered > 0 else { return ["no packet was received"] }
    var table = Table([.left("END"), .right("PACKETS"), .right("SHARE")])
    for outcome in TraceCounts.outcomes {
      let count = outcome.count(counts)
      guard count > 0 else { continue }
      table.add([
        outcome.title, Words.grouped(count), Words.percent(Double(count) / Double(counts.entered)),
      ])
    }
    var lines = table.lines()
    let merged = counts.mergedByGRO &+ counts.unread
    let ratio = Double(merged &+ counts.read) / Double(max(1, counts.read))
    if ratio >= 1.05, counts.read > 0 {
      lines.append(
        "\(Format.fixed(ratio, 1)) packets per read packet: the stages are those of the first")
    }
    if !listsDrops && counts.dropped > 0 { lines.append("--drops lists drops by reason") }
    return lines
  }

  private var drops: [String] {
    let own = trace.drops.filter { $0.ifindex != nil }
    var table = Table([
      .left("DEVICE"), .left("DROPPED FOR"), .left("IN"), .right("PACKETS"),
    ])
    for drop in own {
      table.add([
        drop.ifindex.map { trace.name(ofDevice: $0) }, drop.reason, place(of: drop),
        Terminal.alarm(Words.grouped(drop.count)),
      ])
    }
    let others = trace.drops.reduce(0) { $0 &+ ($1.ifindex == nil ? $1.count : 0) }
    return (own.isEmpty ? ["none of these packets was dropped"] : table.lines())
      + (others > 0
        ? ["and \(Words.grouped(others)) others on this host, outgoing ones among them: see --json"]
        : [])
  }

  private func place(of drop: TraceDrop) -> String {
    drop.function ?? "0x" + String(drop.address, radix: 16)
  }

  // MARK: - Cost

  private var cost: [String] {
    let cost = trace.cost
    let own =
      "rxtune itself \(Words.percent(Self.share(cost.process, of: cost.duration))) of one CPU"
    guard let programs = cost.programs else {
      return ["cost: \(own); the kernel's part was not counted (that needs CAP_SYS_ADMIN)"]
    }
    guard let perRun = programs.perRun else { return ["cost: \(own); no program ran"] }
    let packet =
      programs.perPacket.map { "\(Words.time(UInt64($0.rounded()))) per packet, " } ?? ""
    return [
      "cost: \(packet)\(Words.time(UInt64(perRun.rounded()))) per program run, "
        + "\(Words.percent(programs.share)) of one CPU (counted by the kernel over the last "
        + "\(Words.time(programs.window))); \(own)"
    ]
  }

  private static func share(_ part: UInt64, of whole: UInt64) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }
}

extension Words {
  /// Nanoseconds in the unit that leaves three digits or so: "950 ns", "1.31 µs", "12.8 ms", "10.0 s".
  static func time(_ nanoseconds: UInt64) -> String {
    let (unit, name): (Double, String)
    switch nanoseconds {
    case ..<1000: return "\(nanoseconds) ns"
    case ..<1_000_000: (unit, name) = (1e3, "µs")
    case ..<1_000_000_000: (unit, name) = (1e6, "ms")
    default: (unit, name) = (1e9, "s")
    }
    let value = Double(nanoseconds) / unit
    return "\(Format.fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0)) \(name)"
  }

  /// "1,068,690"
  static func grouped(_ number: UInt64) -> String {
    var digits = String(number)[...]
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = digits.dropLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }
}

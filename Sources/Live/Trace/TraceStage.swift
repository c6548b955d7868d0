/// A stage of the receive path in time: from the end of the one before to its own.
///
/// A step that a packet did not make (no interrupt on a veth) has no time, and what it took is the
/// next one's: so the stages of a packet sum up to its whole way.
package struct TraceStage: Sendable, Identifiable {
  /// As JSON calls it.
  package let id: String
  package let title: String
  /// What the time goes to.
  package let summary: String
  /// When it ended; 0 where the packet did not pass it.
  let end: @Sendable (PacketRecord) -> UInt64

  /// In the packet's order.
  package static let all = [
    interrupt, softirq, turn, poll, gro, stack, wakeUp, schedule, read, wait,
  ]

  static let interrupt = TraceStage(
    id: "interrupt", title: "interrupt → NAPI scheduled",
    summary: "The interrupt handler, up to where it schedules NAPI"
  ) { $0.scheduled }

  static let softirq = TraceStage(
    id: "softirq", title: "scheduled → softirq",
    summary: "Waiting for the NET_RX softirq, or for the NAPI thread to run"
  ) { $0.softirq }

  static let turn = TraceStage(
    id: "turn", title: "softirq → poll",
    summary: "Behind other NAPI instances and earlier polls of the same softirq"
  ) { $0.poll }

  static let poll = TraceStage(
    id: "poll", title: "poll → GRO",
    summary: "The driver's poll: the ring, and packets of the same batch before this one"
  ) { $0.entry }

  static let gro = TraceStage(
    id: "gro", title: "GRO → stack",
    summary: "Held by GRO, batched, or on the way to the CPU that RPS chose"
  ) { $0.stack }

  static let stack = TraceStage(
    id: "stack", title: "stack → socket",
    summary: "IP, netfilter, TCP or UDP, up to the socket"
  ) { $0.socket }

  static let wakeUp = TraceStage(
    id: "wake-up", title: "socket → wake-up",
    summary: "Queueing at the socket and waking the reader"
  ) { $0.reader?.woken ?? 0 }

  static let schedule = TraceStage(
    id: "schedule", title: "wake-up → running",
    summary: "The scheduler: until the woken reader runs"
  ) { $0.reader?.running ?? 0 }

  static let read = TraceStage(
    id: "read", title: "running → read",
    summary: "From running to recv(2): epoll, and what the program reads first"
  ) { $0.reader == nil ? 0 : $0.read }

  static let wait = TraceStage(
    id: "wait", title: "socket → read, reader busy",
    summary: "In the socket's queue, while the reader was busy or slept elsewhere"
  ) { $0.reader == nil ? $0.read : 0 }
}

extension PacketRecord {
  /// What each stage took, nanoseconds, in the order of `TraceStage.all`; nil where the packet did
  /// not pass it.
  ///
  /// Clocks of two CPUs may be some nanoseconds apart: a stamp before the last one is taken for it.
  package var times: [UInt64?] {
    var last = start
    return TraceStage.all.map { stage in
      let end = stage.end(self)
      // The way begins with the first stamp, which ends no stage.
      guard end != 0, end != start || last != start else { return nil }
      defer { last = max(last, end) }
      return end > last ? end - last : 0
    }
  }

  /// From the first stamp to the last, nanoseconds: what the stages sum up to. The last is the read's, by
  /// clocks that agree.
  package var whole: UInt64 { TraceStage.all.reduce(start) { max($0, $1.end(self)) } - start }
}

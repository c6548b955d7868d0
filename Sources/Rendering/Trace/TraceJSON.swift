import Live

extension TraceDocument {
  package static let shape = Record<TraceDocument>([
    Field("devices", "The devices that were followed.", .array(of: .string)) {
      $0.trace.devices.map(\.name)
    },
    Field(optional: "queue", "The only receive queue that was followed.", .counter32) {
      $0.trace.queue
    },
    Field(optional: "port", "The only local port that was followed.", .integer) {
      $0.trace.port.map(Int.init)
    },
    Field("duration", "How long packets were followed, in ns.", .counter) { $0.trace.duration },
    Field(
      "stages",
      "The stages, in a packet's order; omitted are those that no packet passed. Their sums add "
        + "up to the whole's.",
      .array(of: stage)
    ) { document in
      zip(TraceStage.all, document.trace.summary.stages).compactMap { stage, times in
        times.map { (stage, $0) }
      }
    },
    Field(
      optional: "whole", "From a packet's first stamp to its read, in ns; omitted without packets.",
      Record<TraceTimes>(times { $0 }).shape
    ) { $0.trace.summary.whole },
    Field("queues", "Packets by receive queue.", .array(of: group)) {
      Self.groups($0, $0.trace.summary.queues)
    },
    Field("cpus", "Packets by the CPU that ran the stack for them.", .array(of: group)) {
      Self.groups($0, $0.trace.summary.cpus)
    },
    Field("sockets", "Packets by local port.", .array(of: group)) {
      Self.groups($0, $0.trace.summary.sockets)
    },
    Field("received", "Packets that drivers handed up.", .counter) { $0.trace.counts.entered },
    Field("ends", "How their ways ended; the counts add up to received.", ends) {
      $0.trace.counts
    },
    Field("moved", "Packets read that changed CPUs between GRO and stack.", .counter) {
      $0.trace.summary.moved
    },
    Field("slowest", "The slowest packets, slowest first.", .array(of: packet)) { document in
      document.trace.summary.slowest.map { (document.trace, $0) }
    },
    Field("drops", "Drops by device, reason and place.", .array(of: drop)) { document in
      document.trace.drops.map { (document.trace, $0) }
    },
    Field("cost", "What tracing cost.", cost) { $0.trace.cost },
    Field(
      "notes", "What this kernel does not tell, or how to read the figures.", .array(of: .string)
    ) { $0.trace.notes },
  ]).shape

  private static func times<Subject>(
    _ get: @escaping @Sendable (Subject) -> TraceTimes
  ) -> [Field<Subject>] {
    [
      Field("packets", "Number of packets.", .counter) { get($0).count },
      Field("sum", "Sum of their times, in ns.", .counter) { get($0).sum },
      Field("mean", "Mean.", .number) { get($0).mean },
      Field("p50", "Median.", .counter) { get($0).p50 },
      Field("p90", "90th percentile.", .counter) { get($0).p90 },
      Field("p99", "99th percentile.", .counter) { get($0).p99 },
      Field("p999", "99.9th percentile.", .counter) { get($0).p999 },
      Field("max", "Maximum.", .counter) { get($0).max },
    ]
  }

  private static let stageNames = Shape<String>.oneOf(TraceStage.all.map(\.id))

  private static let stage = Record<(stage: TraceStage, times: TraceTimes)>(
    [Field("stage", "The stage.", stageNames) { $0.stage.id }] + times { $0.times }
  ).shape

  private static func groups(
    _ document: TraceDocument, _ groups: [TraceGroup]
  ) -> [(trace: Trace, group: TraceGroup)] {
    groups.map { (document.trace, $0) }
  }

  private static let group = Record<(trace: Trace, group: TraceGroup)>(
    [
      Field(optional: "device", "The receiving device.", .string) { subject in
        guard case .queue(let ifindex, _, _) = subject.group.key else { return nil }
        return subject.trace.name(ofDevice: ifindex)
      },
      Field(
        optional: "queue", "The receive queue; omitted where the driver does not report it.",
        .counter32
      ) { subject in
        guard case .queue(_, let queue, _) = subject.group.key else { return nil }
        return queue
      },
      Field(
        optional: "napi", "The NAPI instance, where it stands for an unknown queue.", .counter32
      ) { subject in
        guard case .queue(_, _, let napi) = subject.group.key else { return nil }
        return napi
      },
      Field(optional: "cpu", "The CPU.", .counter32) { subject in
        guard case .cpu(let cpu) = subject.group.key else { return nil }
        return cpu
      },
      Field(
        optional: "transport", "The transport protocol.",
        .oneOf(PacketRecord.Transport.allCases.map(\.name))
      ) { subject in
        guard case .port(let transport, _) = subject.group.key else { return nil }
        return transport.name
      },
      Field(optional: "port", "The local port.", .integer) { subject in
        guard case .port(_, let port) = subject.group.key else { return nil }
        return Int(port)
      },
    ] + times { $0.group.whole } + [
      Field(
        "stages", "Time of these packets in each stage, in ns; omitted are stages without.",
        Shape<[(String, UInt64)]>.keyed(by: .counter)
      ) { subject in
        zip(TraceStage.all, subject.group.sums).compactMap { $1 > 0 ? ($0.id, $1) : nil }
      }
    ]
  ).shape

  private static let ends = Record<TraceCounts>(
    TraceCounts.outcomes.map { outcome in
      Field(outcome.id, "\(outcome.summary).", .counter) { outcome.count($0) }
    }
  ).shape

  private static let packet = Record<(trace: Trace, packet: PacketRecord)>([
    Field("device", "The receiving device.", .string) {
      $0.trace.name(ofDevice: $0.packet.ifindex)
    },
    Field(optional: "queue", "The receive queue.", .counter32) { $0.packet.queue },
    Field(optional: "irq", "The interrupt that announced it.", .counter32) {
      $0.packet.interrupt == 0 ? nil : $0.packet.irq
    },
    Field(
      optional: "transport", "The transport protocol.",
      .oneOf(PacketRecord.Transport.allCases.map(\.name))
    ) { $0.packet.transport?.name },
    Field("family", "4 for IPv4, 6 for IPv6.", .integer) { Int($0.packet.family) },
    Field("local-port", "The local port.", .integer) { Int($0.packet.localPort) },
    Field("remote-port", "The remote port.", .integer) { Int($0.packet.remotePort) },
    Field("length", "Bytes, from the IP header on.", .counter32) { $0.packet.length },
    Field("start", "The first stamp, in ns of CLOCK_MONOTONIC.", .counter) { $0.packet.start },
    Field("whole", "From the first stamp to the read, in ns.", .counter) { $0.packet.whole },
    Field(
      "stages", "Time in each stage that it passed, in ns.",
      Shape<[(String, UInt64)]>.keyed(by: .counter)
    ) { subject in
      zip(TraceStage.all, subject.packet.times).compactMap { stage, time in
        time.map { (stage.id, $0) }
      }
    },
    Field("entry-cpu", "CPU that polled the device.", .counter32) { $0.packet.entryCPU },
    Field("stack-cpu", "CPU that ran the stack.", .counter32) { $0.packet.stackCPU },
    Field("read-cpu", "CPU that the reader ran on.", .counter32) { $0.packet.readCPU },
    Field("process", "The reader's process id.", .counter32) { $0.packet.process },
    Field("thread", "The reader's thread id.", .counter32) { $0.packet.thread },
    Field("name", "The reader's name.", .string) { $0.packet.name },
  ]).shape

  private static let drop = Record<(trace: Trace, drop: TraceDrop)>([
    Field(
      optional: "device",
      "The receiving device; omitted for packets that were not followed, such as outgoing ones.",
      .string
    ) { subject in subject.drop.ifindex.map { subject.trace.name(ofDevice: $0) } },
    Field("reason", "Why, as enum skb_drop_reason names it.", .string) { $0.drop.reason },
    Field(
      optional: "function", "The function that dropped it; omitted where addresses are hidden.",
      .string
    ) { $0.drop.function },
    Field("packets", "Number of packets.", .counter) { $0.drop.count },
  ]).shape

  private static let cost = Record<TraceCost>([
    Field(
      optional: "programs",
      "Time of the programs in the kernel, as it counts it over the end of the trace; omitted "
        + "without CAP_SYS_ADMIN.",
      Record<TraceCost.Programs>([
        Field("window", "How long it was counted, in ns.", .counter) { $0.window },
        Field("time", "CPU time, in ns.", .counter) { $0.nanoseconds },
        Field("runs", "Runs of programs.", .counter) { $0.runs },
        Field("packets", "Packets received meanwhile.", .counter) { $0.packets },
      ]).shape
    ) { $0.programs },
    Field("process", "CPU time of rxtune itself, in ns.", .counter) { $0.process },
  ]).shape
}

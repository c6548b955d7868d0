import KernelIO
import Live
import ReceivePath
import Scaling

/// The trace of a benchmark's server, in the process that serves and so in its namespace.
struct ServerTrace: StageTracing {
  private let tracer: Tracer

  init(_ device: String, _ port: UInt16) throws {
    let host = Host(LiveKernel())
    tracer = try Tracer(Tracer.Question(devices: [host.link(device)], port: port), on: host)
  }

  /// Refuses what could not be traced, before anything is measured.
  static func check() throws {
    _ = try Tracer(Tracer.Question(devices: []), on: Host(LiveKernel()))
  }

  func collect(until end: UInt64, sleep: (UInt64) -> Bool) -> StageSplit {
    tracer.collect(until: end, sleep: sleep)
    return StageSplit(tracer.result(), lacking: tracer.lacking)
  }
}

extension StageSplit {
  init(_ trace: Trace, lacking: [String]) {
    self.init(
      stages: zip(TraceStage.all, trace.summary.stages).compactMap { stage, times in
        times.map { Stage(stage.id, Times($0)) }
      },
      whole: trace.summary.whole.map { Times($0) }, received: trace.counts.asked,
      accounted: trace.counts.accounted, cost: trace.cost.programs?.perPacket, notes: lacking)
  }
}

extension StageSplit.Times {
  init(_ times: TraceTimes) {
    self.init(packets: times.count, sum: times.sum, p50: times.p50, p99: times.p99)
  }
}

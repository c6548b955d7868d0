import Knobs
import ReceivePath

extension DeviceView {
  /// Receive queues whose packets RPS spreads, with the CPUs that it spreads them over.
  ///
  /// - Returns: `examine`'s verdict on them, none where there are none, or why it is not known.
  func steeredQueues(
    _ examine: ([(queue: QueueView, cpus: CPUSet)]) -> [Diagnosis.Verdict]
  ) -> [Diagnosis.Verdict] {
    var steered: [(queue: QueueView, cpus: CPUSet)] = []
    for queue in queues {
      switch queue.path.rpsCPUs {
      case .value(let cpus):
        if !cpus.isEmpty { steered.append((queue, cpus)) }
      case .absent(let absence):
        // A kernel without RPS.
        guard absence.reason == .notSupported else {
          return [.unchecked(subject, "its RPS CPUs are \(absence.reason.words)")]
        }
      }
    }
    return steered.isEmpty ? [] : examine(steered)
  }

  /// The CPUs of `queues` as evidence: "rx-0: 1-3; rx-1: 0".
  func evidence(_ queues: [(queue: QueueView, cpus: CPUSet)]) -> Diagnosis.Evidence {
    Diagnosis.Evidence(
      Knob.rpsCPUs.id,
      queues.map { "rx-\($0.queue.queue): \($0.cpus.list)" }.joined(separator: "; "),
      from: "/sys/class/net/\(name)/queues/rx-N/rps_cpus")
  }
}

extension QueueView {
  /// Whether RFS may send the queue's packets to CPUs that RPS does not name
  /// (networking/scaling.rst).
  var hasRFS: Bool {
    (device.examination.now.rpsSockFlowEntries.value ?? 0) > 0
      && (path.rpsFlowCount.value ?? 0) > 0
  }
}

extension Examination {
  /// `cpus` with the other threads of their cores.
  func cores(of cpus: CPUSet) -> CPUSet {
    surroundings.cores.filter { !$0.intersection(cpus).isEmpty }.reduce(cpus) { $0.union($1) }
  }
}

extension Diagnosis.Fix {
  /// A set of CPUs for each of some receive queues: one command for those that get the same.
  static func set(
    _ knob: Knob, _ values: [(queue: Int, cpus: CPUSet)], on device: String, remark: String? = nil
  ) -> Self {
    var commands: [(value: String, queues: [String])] = []
    for (queue, cpus) in values {
      let value = cpus.isEmpty ? "none" : cpus.list
      if let index = commands.firstIndex(where: { $0.value == value }) {
        commands[index].queues.append("rx-\(queue)")
      } else {
        commands.append((value, ["rx-\(queue)"]))
      }
    }
    return Diagnosis.Fix(
      commands: commands.map { ["rxtune", "set", "\(knob.id)=\($0.value)", device] + $0.queues },
      remark: remark)
  }
}

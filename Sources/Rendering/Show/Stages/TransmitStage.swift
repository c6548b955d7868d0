import Knobs
import ReceivePath

extension StageSection {
  static let transmit = StageSection { device, _ in
    if let absence = device.sysfs { return [absence.reason.words] }
    return ["XPS " + device.transmitSteering, "BQL " + device.byteQueueLimits]
  } record: {
    (
      "XPS and byte queue limits.",
      Record<DeviceSnapshot>([
        Field("queues", "The transmit queues.", .array(of: TransmitQueue.shape)) {
          $0.transmitQueues
        }
      ]).shape
    )
  }
}

extension TransmitQueue {
  fileprivate static let shape = Record<TransmitQueue>([
    Field("queue", "The transmit queue.", .integer) { $0.steering.queue },
    Field("xps-cpus", "CPUs that transmit on the queue (XPS); none: off.", .reading(.cpus)) {
      $0.steering.cpus
    },
    Field(
      "xps-rxqs", "Receive queues whose connections transmit on the queue (XPS).",
      .reading(.array(of: .integer))
    ) { $0.steering.receiveQueues },
    Field("byte-queue-limits", "Byte queue limits (BQL).", .reading(ByteQueueLimits.shape)) {
      $0.byteQueueLimits
    },
  ]).shape
}

extension ByteQueueLimits {
  fileprivate static let shape = Record<ByteQueueLimits>([
    Field("limit", "Bytes that may be queued now.", .integer) { $0.limit },
    Field("limit-min", "Minimum of the limit, in bytes.", .integer) { $0.minimum },
    Field("limit-max", "Maximum of the limit, in bytes.", .integer) { $0.maximum },
    Field("inflight", "Bytes queued on the device.", .integer) { $0.inFlight },
    Field("hold-time", "Hold time, in milliseconds.", .integer) { $0.holdTime },
    Field(optional: "stall-cnt", "Transmit stalls detected.", .integer) { $0.stallCount },
    Field(optional: "stall-max", "Longest transmit stall, in milliseconds.", .integer) {
      $0.stallMaximum
    },
    Field(
      optional: "stall-thrs", "Threshold of stall detection, in milliseconds; 0: off.", .integer
    ) { $0.stallThreshold },
  ]).shape
}

extension DeviceSnapshot {
  /// "off", or the CPUs and receive queues of each queue that has some.
  fileprivate var transmitSteering: String {
    let queues = transmitQueues.map(\.steering)
    if let absence = queues.first?.cpus.absence, queues.allSatisfy({ $0.cpus.value == nil }) {
      return absence.reason.words
    }
    if queues.count > 1, queues.allSatisfy({ $0.receiveQueues.value?.isEmpty != false }) {
      let cpus = queues.compactMap(\.cpus.value)
      if cpus.allSatisfy({ $0.count == 1 }), CPUSet(cpus.flatMap(\.cpus)).count == queues.count {
        return "one queue a CPU (\(queues.count) queues)"
      }
    }
    var runs: [(places: PlaceRange, words: String)] = []
    for queue in queues {
      var parts: [String] = []
      if let cpus = queue.cpus.value, !cpus.isEmpty { parts.append("cpus \(cpus.list)") }
      if let receive = queue.receiveQueues.value, !receive.isEmpty {
        parts.append("rxqs \(CPUSet(receive).list)")
      }
      guard !parts.isEmpty else { continue }
      let place = Place(.queue(.tx, queue.queue))
      let words = parts.joined(separator: " ")
      if let last = runs.last, last.words == words, let longer = last.places.continued(by: place) {
        runs[runs.count - 1].places = longer
      } else {
        runs.append((PlaceRange(place), words))
      }
    }
    return runs.isEmpty ? "off" : runs.map { "\($0.places) \($0.words)" }.joined(separator: ", ")
  }

  fileprivate var byteQueueLimits: String {
    guard let first = transmitQueues.first else { return "no transmit queues" }
    if let absence = first.byteQueueLimits.absence { return absence.reason.words }
    let limits = transmitQueues.compactMap(\.byteQueueLimits.value)
    let now = limits.map(\.limit)
    let stalls = limits.compactMap(\.stallCount).reduce(0) { $0 &+ $1 }
    return "limit \(now.min() ?? 0)–\(now.max() ?? 0) bytes, in flight "
      + "\(limits.map(\.inFlight).reduce(0) { $0 &+ $1 })"
      + (stalls > 0 ? ", stalls \(stalls)" : "")
  }
}

import Knobs
import ReceivePath

extension Rule {
  /// RPS gives packets back to the CPU that the queue interrupts, or to its sibling thread, while
  /// that has all it can do: "at high interrupt rate, it might be wise to exclude the interrupting
  /// CPU from the map" (networking/scaling.rst, "RPS Configuration").
  ///
  /// At a low rate it does no harm, so the CPU has to be busy with interrupts.
  static let rpsOnInterruptedCPU = Rule(
    "rps-irq-cpu", "RPS gives packets back to a CPU that is busy with the queue's interrupts",
    .rate, document: "networking/scaling.rst"
  ) { examination in
    examination.busyDevices { device in
      device.steeredQueues { steered in
        var loaded: [(queue: Int, cpus: CPUSet)] = []
        var evidence: [Evidence] = []
        var unknown: String?
        for (queue, cpus) in steered {
          guard let own = queue.cpus else {
            unknown = "the CPUs of rx-\(queue.queue) are not known"
            continue
          }
          let near = examination.cores(of: own)
          guard !cpus.intersection(near).isEmpty else { continue }
          guard let busiest = examination.softirqShares(of: own).busiest else {
            unknown = "the time that CPUs spend in softirqs is not known"
            continue
          }
          guard busiest.share >= rpsLoadLimit else { continue }
          loaded.append((queue.queue, cpus.subtracting(near)))
          evidence.append(busiest.evidence)
        }
        guard let first = loaded.first else {
          return unknown.map { [.unchecked(device.subject, $0)] } ?? []
        }
        let numbers = CPUSet(loaded.map(\.queue))
        let subject =
          loaded.count == 1
          ? Subject(.queue(device: device.name, .rx, first.queue)) : device.subject
        return [
          .finding(
            Finding(
              .cost, at: subject,
              "RPS gives packets of \(Place.Direction.rx.names(numbers.cpus)) to the CPU that is "
                + "busy receiving them.",
              evidence: [
                device.evidence(steered.filter { numbers.contains($0.queue.queue) })
              ] + evidence,
              consequence: "The CPU has less time to empty the ring, and other CPUs wait.",
              fix: .set(.rpsCPUs, loaded, on: device.name), .measured))
        ]
      }
    }
  }

  /// Of a CPU's time in interrupts and softirqs, "high interrupt rate" of scaling.rst: from here on
  /// what RPS adds delays the ring.
  private static let rpsLoadLimit = 0.7
}

import Knobs
import ReceivePath

extension Rule {
  /// RPS spreads packets to CPUs of another NUMA node than that of the interrupted CPU
  /// (networking/scaling.rst, "RPS Configuration": "the CPUs in the same memory domain of the
  /// interrupting CPU").
  ///
  /// A queue whose interrupt may come on several nodes has no home, and with RFS the packets follow
  /// their program, wherever it runs.
  static let rpsRemote = Rule(
    "rps-remote", "RPS spreads packets over CPUs of another NUMA node", .state,
    document: "networking/scaling.rst"
  ) { examination in
    guard let topology = examination.surroundings.topology else {
      return [.unchecked(nil, "the host's CPUs are not known")]
    }
    guard let nodes = topology.nodes.value else {
      // A kernel without NUMA has one node.
      return topology.nodes.absence?.reason == .notSupported
        ? [] : [.unchecked(nil, "the host's NUMA nodes are not known")]
    }
    guard nodes.count > 1 else { return [] }
    return examination.physicalDevices { device in
      device.steeredQueues { steered in
        var remote: [(queue: QueueView, cpus: CPUSet, fixed: CPUSet)] = []
        var evidence: [Evidence] = []
        var isUnknown = false
        for (queue, cpus) in steered where !queue.hasRFS {
          guard let own = queue.path.cpus, let cpu = own.first,
            let home = topology.node(ofCPU: cpu)
          else {
            isUnknown = true
            continue
          }
          let away = cpus.subtracting(home.cpus)
          guard own.isSubset(of: home.cpus), let farthest = away.first else { continue }
          let near = cpus.intersection(home.cpus)
          let others = home.cpus.subtracting(examination.cores(of: own))
          remote.append((queue, cpus, near.isEmpty ? others : near))
          if evidence.isEmpty, let distance = topology.distance(from: home.number, toCPU: farthest)
          {
            evidence.append(
              Evidence(
                "distance of cpu\(farthest)", distance,
                from: "/sys/devices/system/node/node\(home.number)/distance"))
          }
        }
        guard let first = remote.first else {
          return isUnknown
            ? [.unchecked(device.subject, "the CPUs of its queues are not known")] : []
        }
        return [
          .finding(
            Finding(
              .cost,
              at: remote.count == 1
                ? Subject(.queue(device: device.name, .rx, first.queue.queue)) : device.subject,
              "RPS spreads packets of "
                + Place.Direction.rx.names(remote.map(\.queue.queue))
                + " over CPUs of another NUMA node.",
              evidence: [device.evidence(remote.map { ($0.queue, $0.cpus) })] + evidence,
              consequence: "Each packet's headers and data cross the interconnect.",
              fix: .set(
                .rpsCPUs, remote.map { ($0.queue.queue, $0.fixed) }, on: device.name),
              .configured))
        ]
      }
    }
  }
}

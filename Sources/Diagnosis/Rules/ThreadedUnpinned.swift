import Knobs
import ReceivePath

extension Rule {
  /// Threads poll the device's queues and may run on any CPU: "it is recommended to pin each kernel
  /// thread to a single CPU, the same CPU as services the interrupt" (networking/napi.rst, "Threaded
  /// NAPI").
  ///
  /// Threads that were kept to some CPUs, as by isolcpus= or a cpuset, were placed on purpose.
  static let threadedUnpinned = Rule(
    "threaded-unpinned", "NAPI threads wander between CPUs", .state, document: "networking/napi.rst"
  ) { examination in
    guard let online = examination.surroundings.topology?.online else {
      return [.unchecked(nil, "the host's CPUs are not known")]
    }
    guard online.count > 1 else { return [] }
    return examination.receivingDevices { device in
      guard let threads = device.device.threads else {
        return [.unchecked(device.subject, "its NAPI threads were not read")]
      }
      // Before 6.7 the threads are not listed, but whether there are some is told.
      if device.device.napis.value == nil {
        let threaded = device.device.napiDefaults?.threaded
        return threaded?.value == 0 || threaded?.absence?.reason == .notSupported
          ? [] : [.unchecked(device.subject, "its NAPI threads are not known")]
      }
      if let absence = threads.compactMap(\.absence).first, absence.reason != .gone {
        return [.unchecked(device.subject, "its NAPI threads are \(absence.reason.words)")]
      }
      let free = threads.compactMap(\.value).filter { thread in
        thread.allowedCPUs.map(online.isSubset) ?? false
      }
      guard let first = free.first else { return [] }
      return [
        .finding(
          Finding(
            .risk, at: device.subject,
            "\(free.count) NAPI thread\(free.count == 1 ? " is" : "s are") pinned to no CPU.",
            evidence: [
              Evidence(
                "Cpus_allowed_list of \(first.name)", first.allowedCPUs?.list ?? "",
                from: "/proc/\(first.pid)/status")
            ],
            consequence: "Packets change CPUs with them, and they compete with programs.",
            fix: pins(free, device, online), .configured))
      ]
    }
  }

  /// Each to the CPU that its queue interrupts; where there is none, one after the other.
  private static func pins(
    _ threads: [NAPIThread], _ device: DeviceView, _ online: CPUSet
  ) -> Diagnosis.Fix {
    let all = online.cpus
    let homes = Dictionary(
      device.device.paths.compactMap { path in
        path.thread?.value.flatMap { thread in path.cpus?.first.map { (thread.pid, $0) } }
      }, uniquingKeysWith: { first, _ in first })
    return Diagnosis.Fix(
      commands: threads.enumerated().map { rank, thread in
        ["taskset", "-pc", "\(homes[thread.pid] ?? all[rank % all.count])", "\(thread.pid)"]
      }, remark: "Threads are new, and unpinned, each time the device comes up.")
  }
}

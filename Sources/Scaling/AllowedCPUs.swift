package import KernelIO
package import Knobs
import ReceivePath

/// CPUs that are online and that this process may run on: a container may have fewer.
package enum AllowedCPUs {
  package static func current(_ kernel: some Kernel) -> CPUSet {
    let online = (try? Host(kernel).onlineCPUs()) ?? CPUSet([0])
    // Cpus_allowed_list of proc_pid_status(5).
    let allowed = (try? kernel.text(.proc("self/status")))?.split(separator: "\n")
      .first { $0.hasPrefix("Cpus_allowed_list:") }?.split(separator: ":").last
      .flatMap { CPUSet(list: $0) }
    return allowed.map { online.intersection($0) } ?? online
  }

  /// Refuses CPUs that no thread of this process could run on.
  package static func check(_ cpus: [Int], _ kernel: some Kernel) throws(BenchError) {
    let allowed = current(kernel)
    for cpu in cpus where !allowed.contains(cpu) {
      throw BenchError("CPU \(cpu) is not online or not allowed", hint: "use \(allowed.list)")
    }
  }
}

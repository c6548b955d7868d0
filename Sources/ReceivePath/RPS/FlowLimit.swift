import KernelIO
package import Knobs

/// The flow limit: while a CPU's backlog is more than half full, it drops packets of the flow that
/// fills it, not of all (networking/scaling.rst, "RPS Flow Limit"). Of the whole host.
package struct FlowLimit: Hashable, Sendable {
  /// net.core.flow_limit_cpu_bitmap: CPUs that have it; empty is off.
  package var cpus: Reading<CPUSet>
  /// net.core.flow_limit_table_len: buckets, taken over when a CPU is switched on.
  package var tableLength: Reading<Int>
}

extension Host {
  package func flowLimit() -> FlowLimit {
    FlowLimit(
      cpus: hostSysctl("net/core/flow_limit_cpu_bitmap") { (path) throws(KernelError) in
        try kernel.cpus(path, as: .mask)
      },
      tableLength: hostSysctl("net/core/flow_limit_table_len") { (path) throws(KernelError) in
        try kernel.integer(path)
      })
  }

  /// A setting below /proc/sys that belongs to the host, and is not shown in child namespaces.
  func hostSysctl<Value>(
    _ name: String, _ read: (KernelPath) throws(KernelError) -> Value
  ) -> Reading<Value> {
    let reading = Reading { () throws(KernelError) in try read(.proc("sys/\(name)")) }
    guard reading.absence?.reason == .notSupported else { return reading }
    // Every kernel has this one, in the first namespace alone.
    guard (try? kernel.read(.proc("sys/net/core/netdev_max_backlog"))) == nil else {
      return reading
    }
    return .absent(
      Absence(.notInNamespace, detail: "/proc/sys/\(name) is shown in the first namespace only"))
  }
}

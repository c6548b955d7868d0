import KernelIO

extension Host {
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

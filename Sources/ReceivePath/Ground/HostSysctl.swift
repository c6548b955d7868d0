import KernelIO

extension Host {
  /// A setting below /proc/sys that belongs to the host, and is not shown in child namespaces.
  func hostSysctl<Value>(
    _ name: String, _ read: (KernelPath) throws(KernelError) -> Value
  ) -> Reading<Value> {
    let reading = Reading { () throws(KernelError) in try read(.proc("sys/\(name)")) }
    guard reading.absence?.reason == .notSupported, isInChildNamespace else { return reading }
    return .absent(
      Absence(.notInNamespace, detail: "/proc/sys/\(name) is shown in the first namespace only"))
  }

  /// Whether the host's own settings below /proc/sys/net are out of sight. Every kernel has
  /// netdev_max_backlog, in the first network namespace alone.
  var isInChildNamespace: Bool {
    do {
      _ = try kernel.read(.proc("sys/net/core/netdev_max_backlog"))
      return false
    } catch {
      return error.kind == .absent
    }
  }
}

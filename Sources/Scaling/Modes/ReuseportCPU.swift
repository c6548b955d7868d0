import CKernel

/// `reuseport-cpu`: SO_ATTACH_REUSEPORT_CBPF picks the socket of the CPU that took the packet, so
/// that packet, socket and pinned worker meet on one CPU (socket(7)).
enum ReuseportCPU {
  /// Attaches to the group of `descriptor`; socket i belongs to the worker on `cpus[i]`.
  /// 0, or the errno.
  static func steer(_ descriptor: Int32, _ cpus: [Int32]) -> Int32 {
    unsafe rxtune_attach_cpu_steering(descriptor, cpus, UInt32(clamping: cpus.count))
  }
}

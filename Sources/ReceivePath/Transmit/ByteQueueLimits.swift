import KernelIO
import Netlink

/// BQL of one transmit queue: how many bytes may be in the device's hands
/// (/sys/class/net/DEV/queues/tx-N/byte_queue_limits, ABI/testing/sysfs-class-net-queues).
package struct ByteQueueLimits: Hashable, Sendable {
  /// Bytes; what the algorithm found, between `minimum` and `maximum`.
  package var limit: Int
  package var minimum: Int
  package var maximum: Int
  /// Bytes that were handed over and not yet completed.
  package var inFlight: Int
  /// Milliseconds that slack is watched before the limit sinks.
  package var holdTime: Int
  /// Stalls longer than `stallThreshold`, and the longest in milliseconds; nil before 6.9.
  package var stallCount: Int?
  package var stallMaximum: Int?
  /// Milliseconds; 0 is off.
  package var stallThreshold: Int?
}

extension Host {
  /// Absent where the kernel was built without it or the driver does not take part.
  package func byteQueueLimits(
    _ link: Link, queue: Int, _ sysfs: SysfsNamespace
  ) -> Reading<ByteQueueLimits> {
    let folder = link.devicePath("queues/tx-\(queue)/byte_queue_limits")
    func number(_ file: String) throws(KernelError) -> Int {
      try kernel.integer(folder.appending(file))
    }
    return sysfs.reading(link) { () throws(KernelError) in
      ByteQueueLimits(
        limit: try number("limit"), minimum: try number("limit_min"),
        maximum: try number("limit_max"), inFlight: try number("inflight"),
        holdTime: try number("hold_time"), stallCount: try? number("stall_cnt"),
        stallMaximum: try? number("stall_max"), stallThreshold: try? number("stall_thrs"))
    }
  }
}

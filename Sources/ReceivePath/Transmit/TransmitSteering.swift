import KernelIO
package import Knobs
import Netlink

/// XPS of one transmit queue (/sys/class/net/DEV/queues/tx-N, networking/scaling.rst).
package struct TransmitSteering: Hashable, Sendable {
  package var queue: Int
  /// xps_cpus: CPUs that send through the queue; empty is off. A device with one queue has nothing
  /// to choose and refuses the read: not supported.
  package var cpus: Reading<CPUSet>
  /// xps_rxqs: sockets that receive by these queues send through this one.
  package var receiveQueues: Reading<[Int]>
}

extension Host {
  package func transmitSteering(
    _ link: Link, queue: Int, _ sysfs: SysfsNamespace
  ) -> TransmitSteering {
    let folder = link.devicePath("queues/tx-\(queue)")
    return TransmitSteering(
      queue: queue,
      cpus: sysfs.reading(link) { () throws(KernelError) in
        try kernel.cpus(folder.appending("xps_cpus"), as: .mask)
      },
      receiveQueues: sysfs.reading(link) { () throws(KernelError) in
        // A set of queues is written as one of CPUs is.
        try kernel.cpus(folder.appending("xps_rxqs"), as: .mask).cpus
      })
  }
}

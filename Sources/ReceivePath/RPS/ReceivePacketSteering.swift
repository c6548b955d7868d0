import KernelIO
package import Knobs

/// RPS and RFS of one receive queue (/sys/class/net/DEV/queues/rx-N, networking/scaling.rst).
package struct ReceivePacketSteering: Hashable, Sendable {
  package var queue: Int
  /// rps_cpus: the CPUs that packets are spread over behind the queue; empty is off.
  package var cpus: Reading<CPUSet>
  /// rps_flow_cnt: entries of the queue's flow table for RFS; 0 is off.
  package var flowCount: Reading<Int>
}

extension Host {
  package func receivePacketSteering(
    _ link: Link, queue: Int, _ sysfs: SysfsNamespace
  ) -> ReceivePacketSteering {
    let folder = link.devicePath("queues/rx-\(queue)")
    return ReceivePacketSteering(
      queue: queue,
      cpus: sysfs.reading(link) { () throws(KernelError) in
        try kernel.cpus(folder.appending("rps_cpus"), as: .mask)
      },
      flowCount: sysfs.reading(link) { () throws(KernelError) in
        try kernel.integer(folder.appending("rps_flow_cnt"))
      })
  }

  /// net.core.rps_sock_flow_entries: the table of all sockets' CPUs, without which RFS is off
  /// whatever the queues say.
  package func rpsSockFlowEntries() -> Reading<Int> {
    hostSysctl("net/core/rps_sock_flow_entries") { (path) throws(KernelError) in
      try kernel.integer(path)
    }
  }
}

package import KernelIO
import Knobs
package import Netlink

/// CPU time of a ksoftirqd thread, which runs softirqs that interrupts leave over
/// (kernel/softirq.c), in clock ticks (USER_HZ, 100 a second): /proc/PID/stat, proc_pid_stat(5).
package struct SoftirqThread: Hashable, Sendable {
  package var cpu: Int
  package var ticks: UInt64

  package init(cpu: Int, ticks: UInt64) {
    self.cpu = cpu
    self.ticks = ticks
  }

  /// utime and stime are the 14th and 15th field.
  package static func ticks(decoding stat: String, _ context: String) throws(DecodeError) -> UInt64
  {
    let fields = ProcessStat.fields(behindName: stat)
    guard fields.count > 12, let user = UInt64(fields[11]), let system = UInt64(fields[12]) else {
      throw DecodeError(context, offset: 0, "utime and stime are missing")
    }
    return user &+ system
  }
}

extension Host {
  /// Of each CPU that is online, by CPU.
  ///
  /// Kernel threads have the lowest process ids and are looked through in that order, so that no
  /// other process is asked for its name. In a PID namespace of its own there are none.
  package func softirqThreads() throws(KernelError) -> [SoftirqThread] {
    guard (try? kernel.text(.proc("2/comm"))) == "kthreadd" else {
      throw KernelError("read", "/proc/2/comm: kernel threads", .notSupported)
    }
    let online = try onlineCPUs()
    var threads: [SoftirqThread] = []
    for pid in try kernel.list(.proc(".")).compactMap({ Int($0) }).sorted() where pid > 2 {
      guard threads.count < online.count else { break }
      guard let name = try? kernel.text(.proc("\(pid)/comm")), name.hasPrefix("ksoftirqd/"),
        let cpu = Int(name.dropFirst("ksoftirqd/".count)), online.contains(cpu)
      else { continue }
      let path = KernelPath.proc("\(pid)/stat")
      let stat = try kernel.text(path)
      let ticks = try decoding(path.description) { () throws(DecodeError) in
        try SoftirqThread.ticks(decoding: stat, path.description)
      }
      threads.append(SoftirqThread(cpu: cpu, ticks: ticks))
    }
    return threads.sorted { $0.cpu < $1.cpu }
  }
}

package import KernelIO
package import Netlink

/// /proc/softirqs: how many softirqs of each kind every CPU has handled
/// (Documentation/filesystems/proc.rst; fs/proc/softirqs.c). A column for each CPU that is possible,
/// online or not; 32 bits that wrap.
package struct SoftirqCounts: Hashable, Sendable {
  /// Raises of the receive softirq that were handled, by CPU; not packets.
  package var netRX: [Int: UInt32]

  package init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = TextReader(bytes, "/proc/softirqs")
    let cpus = try reader.cpuHeader()
    while try reader.nextLine() {
      guard let name = reader.text(before: UInt8(ascii: ":")) else {
        throw reader.error("a row without the name of its softirq")
      }
      guard name.text == "NET_RX" else { continue }
      netRX = [:]
      for cpu in cpus {
        netRX[cpu] = UInt32(
          truncatingIfNeeded: try reader.required("the count of CPU\(cpu)"))
      }
      return
    }
    throw reader.error("NET_RX is missing")
  }
}

extension Host {
  package func softirqCounts() throws(KernelError) -> SoftirqCounts {
    let path = KernelPath.proc("softirqs")
    let bytes = try kernel.read(path)
    return try decoding(path.description) { () throws(DecodeError) in
      try SoftirqCounts(decoding: bytes)
    }
  }
}

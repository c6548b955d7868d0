package import KernelIO
package import Netlink

/// /proc/softirqs: how often each softirq was run on each CPU (fs/proc/softirqs.c).
///
/// Columns are the possible CPUs, offline ones too. NET_RX counts runs of the handler, not packets.
/// Counts are 32 bits that wrap: differences are taken with `&-`.
package struct Softirqs: Hashable, Sendable {
  package var cpus: [Int]
  /// By the kernel's name ("NET_RX"), one count a column.
  package var counts: [String: [UInt32]]

  package func netRX(_ cpu: Int) -> UInt32? { count("NET_RX", cpu) }
  package func netTX(_ cpu: Int) -> UInt32? { count("NET_TX", cpu) }

  private func count(_ name: String, _ cpu: Int) -> UInt32? {
    guard let row = counts[name], let column = cpus.firstIndex(of: cpu), column < row.count else {
      return nil
    }
    return row[column]
  }

  package init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = TextReader(bytes, "/proc/softirqs")
    cpus = try reader.cpuHeader()
    counts = [:]
    while try reader.nextLine() {
      guard let name = reader.text(before: UInt8(ascii: ":")), !name.isEmpty else {
        throw reader.error("a row without the name of its softirq")
      }
      var row: [UInt32] = []
      row.reserveCapacity(cpus.count)
      for cpu in cpus {
        row.append(UInt32(truncatingIfNeeded: try reader.required("the count of CPU\(cpu)")))
      }
      guard reader.atEndOfLine() else { throw reader.error("more counts than CPUs") }
      counts[name.text] = row
    }
    guard counts["NET_RX"] != nil else { throw reader.error("the row NET_RX is missing") }
  }
}

extension Host {
  package func softirqs() throws(KernelError) -> Softirqs {
    let path = KernelPath.proc("softirqs")
    let bytes = try kernel.read(path)
    return try decoding(path.description) { () throws(DecodeError) in
      try Softirqs(decoding: bytes)
    }
  }
}

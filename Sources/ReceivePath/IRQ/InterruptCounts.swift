package import KernelIO
package import Knobs
package import Netlink

/// Counts of one interrupt by CPU, those that are not zero: most fire on a few CPUs of many. 32 bits
/// each, that wrap.
package struct InterruptCounts: Hashable, Sendable {
  package struct Count: Hashable, Sendable {
    package var cpu: Int32
    package var value: UInt64

    package init(cpu: Int32, value: UInt64) {
      self.cpu = cpu
      self.value = value
    }
  }
  /// By column.
  package private(set) var nonzero: [Count] = []
  package private(set) var total: UInt64 = 0

  package init() {}

  package init(_ counts: [Count]) {
    for count in counts { append(count.value, cpu: Int(count.cpu)) }
  }

  /// 0 for a CPU where it never fired, and for one that has no column.
  package subscript(cpu: Int) -> UInt64 {
    nonzero.first { $0.cpu == cpu }?.value ?? 0
  }

  mutating func append(_ value: UInt64, cpu: Int) {
    if value == 0 { return }
    nonzero.append(Count(cpu: Int32(truncatingIfNeeded: cpu), value: value))
    total &+= value
  }
}

// MARK: - Decode

extension InterruptCounts {
  /// /sys/kernel/irq/N/per_cpu_count: "0,14", a number for each CPU that is possible, in their order
  /// (ABI/testing/sysfs-kernel-irq, since 4.10).
  package init(decoding bytes: [UInt8], possible: CPUSet) throws(DecodeError) {
    var text = bytes[...]
    while let last = text.last, last <= 0x20 { text.removeLast() }
    let numbers = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    let cpus = possible.cpus
    guard numbers.count == cpus.count else {
      throw DecodeError(
        "per_cpu_count", offset: 0, "\(numbers.count) counts of \(cpus.count) possible CPUs")
    }
    for (number, cpu) in zip(numbers, cpus) {
      guard let value = number.decimal else {
        throw DecodeError("per_cpu_count", offset: number.startIndex, "not a count")
      }
      append(UInt64(clamping: value), cpu: cpu)
    }
  }
}

// MARK: - Read

extension Host {
  /// One interrupt's counts by themselves: the table of a host with many CPUs is long.
  ///
  /// - Throws: ENOENT before 4.10, and where the interrupt is gone.
  package func interruptCounts(
    ofIRQ number: Int, possible: CPUSet
  ) throws(KernelError) -> InterruptCounts {
    let path = KernelPath.sys("kernel/irq/\(number)/per_cpu_count")
    let bytes = try kernel.read(path)
    return try decoding(path.description) { () throws(DecodeError) in
      try InterruptCounts(decoding: bytes, possible: possible)
    }
  }

  /// CPUs that may ever be online.
  package func possibleCPUs() throws(KernelError) -> CPUSet {
    try kernel.cpus(.sys("devices/system/cpu/possible"), as: .list)
  }

  /// For how many CPUs the kernel keeps room where it keeps one value for each.
  package var cpuRoom: Int { ((try? possibleCPUs())?.cpus.last ?? 4095) + 1 }
}

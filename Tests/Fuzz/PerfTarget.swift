import KernelIO
import Netlink
import Scaling

extension FuzzTarget {
  /// Records of the kernel's ring of samples, and what is told of them.
  static let perf = FuzzTarget(
    name: "perf",
    seeds: {
      let sample: [UInt64] = [9 | 1 << 32 | 56 << 48, 0x1010, 7, 0, 2, 0x1010, 0x1020]
      let lost: [UInt64] = [2 | 24 << 48, 1, 3]
      return [sample, sample + lost + sample].map { $0.flatMap { hostBytes($0) } }
    }
  ) { bytes in
    let text = "1000 T net_rx_action\n1020 T do_syscall_64\n1040 T unheard_of\n"
    guard let symbols = KernelSymbols(parsing: Array(text.utf8)) else { return }
    let words = stride(from: 0, to: bytes.count / 8 * 8, by: 8)
      .map { hostInteger(bytes[$0..<$0 + 8], as: UInt64.self) }
    let tally = SampleTally([Breakdown.End(kind: .both, cpus: [0, 1])], symbols) { process in
      process % 3 == 0 ? .half : process % 3 == 1 ? .kernel : .foreign
    }
    _ = PerfRecord.forEach(in: words[...], tally.add)
    for end in tally.result {
      precondition(end.samples == end.busy + end.idle + end.foreign + end.own, "samples got lost")
    }
  }
}

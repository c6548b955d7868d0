import KernelIO
import Live
import Netlink
import TestSupport

extension FuzzTarget {
  /// A kernel's types, and records that programs put into a ring; the first byte chooses one.
  static let trace = FuzzTarget(
    name: "trace",
    seeds: { [[0] + BTFSample.bytes, [1] + (0..<19).flatMap { hostBytes(UInt64($0) << 10) }] }
  ) { bytes in
    let rest = bytes.dropFirst()
    switch bytes.first {
    case 0:
      guard let types = try? BTF(Array(rest)) else { return }
      for path in ["packet.queue.length", "flags.high", "holder.of.x", "list.none"] {
        _ = types.offset(of: path)
      }
      _ = types.enumeration("reasons")
      _ = types.hasTracepoint("kfree_skb")
    case 1:
      let words = stride(from: rest.startIndex, to: rest.endIndex, by: 8)
        .map { hostInteger(rest[$0...].prefix(8), as: UInt64.self) }
      guard let packet = PacketRecord(words) else { return }
      let sum = packet.times.reduce(0) { $0 + ($1 ?? 0) }
      precondition(sum >= packet.whole, "stages lack time")
      var collector = TraceCollector(slowest: 1)
      collector.add(packet)
      _ = collector.summary.queues.first?.slowestStage
      _ = packet.name
    default: return
    }
  }
}

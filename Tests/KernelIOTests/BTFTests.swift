import KernelIO
import Netlink
import TestSupport
import Testing

@Suite("BTF") struct BTFTests {
  private static let sample = BTFSample.bytes

  @Test(arguments: [
    ("list.length", 8), ("packet.dev", 8), ("packet.queue", 16), ("packet.queue.length", 24),
    ("packet.a", 16), ("sized.whole", 4), ("flags.low", 0),
  ]) func findsMembers(_ path: String, _ offset: Int) throws {
    #expect(try BTF(Self.sample).offset(of: path) == offset)
  }

  @Test(arguments: [
    "packet.length", "packet", "", ".", "other.dev", "flags.high", "list.length.more",
    "holder.of.x",
    "reasons.SKB_CONSUMED",
  ]) func findsNothingElse(_ path: String) throws {
    #expect(try BTF(Self.sample).offset(of: path) == nil)
  }

  @Test func namesValuesAndTracepoints() throws {
    let types = try BTF(Self.sample)
    #expect(types.enumeration("reasons") == [1: "SKB_CONSUMED", 3: "SKB_DROP_REASON_NO_SOCKET"])
    #expect(types.enumeration("others") == [:])
    #expect(types.hasTracepoint("kfree_skb"))
    #expect(!types.hasTracepoint("kfree"))
  }

  /// All questions that are asked of a kernel, of bytes that may be broken.
  private static func ask(_ bytes: [UInt8]) -> Bool {
    guard let types = try? BTF(bytes) else { return false }
    for path in ["packet.queue.length", "flags.high", "holder.of.x", "list.none"] {
      _ = types.offset(of: path)
    }
    _ = types.enumeration("reasons")
    _ = types.hasTracepoint("endless")
    return true
  }

  @Test func refusesWhatBreaksOff() {
    for count in Self.sample.indices {
      #expect(!Self.ask(Array(Self.sample.prefix(count))), "\(count) bytes")
    }
    #expect(Self.ask(Self.sample))
  }

  @Test func outlivesDamage() {
    var generator = SplitMix(seed: 12)
    var read = 0
    for _ in 0..<20_000 {
      if Self.ask(Damage.random(Self.sample, using: &generator)) { read += 1 }
    }
    #expect(read > 1_000, "most damage must reach the types")
  }

  private static let live = try? LiveKernel().types()

  @Test(.enabled(if: live != nil, "this kernel has no BTF"))
  func knowsThisKernel() throws {
    let types = try #require(Self.live)
    // struct sk_buff begins with next, prev and dev since 4.19.
    #expect(types.offset(of: "sk_buff.dev") == 2 * MemoryLayout<Int>.size)
    #expect(types.hasTracepoint("netif_receive_skb"))
    #expect(!types.hasTracepoint("netif_receive_skb_never"))
    let reasons = types.enumeration("skb_drop_reason")
    #expect(reasons.values.contains("SKB_DROP_REASON_SOCKET_RCVBUFF"))
  }
}

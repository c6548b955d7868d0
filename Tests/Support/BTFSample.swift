import Netlink

/// Types of a kernel that there is not: one of each kind that is asked for.
package enum BTFSample {
  /// Types as a kernel tells them, made by hand.
  private struct Writer {
    var types: [UInt8] = []
    var strings: [UInt8] = [0]

    mutating func text(_ name: String) -> UInt32 {
      guard !name.isEmpty else { return 0 }
      defer { strings += Array(name.utf8) + [0] }
      return UInt32(strings.count)
    }

    mutating func add(
      _ kind: UInt32, _ name: String = "", count: UInt32 = 0, flag: Bool = false,
      _ sizeOrType: UInt32, _ rest: [UInt32] = []
    ) {
      let header = [text(name), kind << 24 | count | (flag ? 1 << 31 : 0), sizeOrType]
      types += (header + rest).flatMap { hostBytes($0) }
    }

    /// Members by name, type and bit.
    mutating func structure(
      _ kind: UInt32, _ name: String, flag: Bool = false, _ members: [(String, UInt32, UInt32)]
    ) {
      let words = members.flatMap { [text($0.0), $0.1, $0.2] }
      add(kind, name, count: UInt32(members.count), flag: flag, 64, words)
    }

    var bytes: [UInt8] {
      hostBytes(UInt16(0xeb9f)) + [1, 0]
        + [24, 0, UInt32(types.count), UInt32(types.count), UInt32(strings.count)]
        .flatMap { hostBytes($0) } + types + strings
    }
  }

  package static let bytes: [UInt8] = {
    var writer = Writer()
    // 1: int; 2: struct list { int length @64 }; 3: list_t; 4: const list_t
    writer.add(1, "int", 4, [0x0100_0020])
    writer.structure(4, "list", [("first", 1, 0), ("length", 1, 64)])
    writer.add(8, "list_t", 2)
    writer.add(10, "", 3)
    // 5: union { int a; const list_t queue }; 6: struct packet with it, anonymous, at byte 16
    writer.structure(5, "", [("a", 1, 0), ("queue", 4, 0)])
    writer.structure(4, "packet", [("dev", 1, 64), ("", 5, 128)])
    // 7: bit fields: width in the highest byte
    writer.structure(4, "flags", flag: true, [("low", 1, 3 << 24), ("high", 1, 3 << 24 | 3)])
    writer.structure(4, "sized", flag: true, [("whole", 1, 32)])
    let reasons = [("SKB_CONSUMED", UInt32(1)), ("SKB_DROP_REASON_NO_SOCKET", 3)]
      .flatMap { [writer.text($0.0), $0.1] }
    writer.add(6, "reasons", count: 2, 4, reasons)
    writer.add(8, "btf_trace_kfree_skb", 1)
    // A type that stands for itself.
    writer.add(8, "endless", 11)
    writer.structure(4, "holder", [("of", 11, 0)])
    return writer.bytes
  }()
}

import ReceivePath

extension FuzzTarget {
  /// Flow rules, RSS tables and contexts, as a person or a journal writes them; the first byte
  /// chooses one. What is understood is written so that it is understood as the same again.
  static let structures = FuzzTarget(
    name: "structures", seeds: { structureSeeds.map { Array($0.utf8) } }
  ) { bytes in
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    switch bytes.first {
    case UInt8(ascii: "r"):
      guard let rule = try? FlowRule(text) else { return }
      precondition((try? FlowRule(rule.text)) == rule, "another rule came back")
      precondition(rule.canonical.canonical == rule.canonical)
    case UInt8(ascii: "R"):
      guard let rules = try? FlowRuleTable.rules(text) else { return }
      let written = FlowRuleTable.text(rules)
      let again = try? FlowRuleTable.rules(written)
      precondition(again.map(FlowRuleTable.text) == written, "another table came back")
      precondition(FlowRuleTable.placed(rules, among: rules).count == rules.count)
    case UInt8(ascii: "t"):
      for size in [0, 1, 7, 128] {
        guard let entries = IndirectionTable.entries(text, size: size) else { continue }
        guard !entries.isEmpty else { continue }
        precondition(entries.count == size, "a table of another size")
        let written = IndirectionTable.text(entries)
        precondition(
          IndirectionTable.entries(written, size: size) == entries, "another table came back")
        if let highest = IndirectionTable.highestQueue(written) {
          precondition(entries.allSatisfy { $0 <= highest }, "a queue above the highest")
        }
      }
      _ = IndirectionTable.highestQueue(text)
    case UInt8(ascii: "c"):
      guard let contexts = try? RSSContextTable.contexts(text) else { return }
      let written = RSSContextTable.text(contexts)
      let again = try? RSSContextTable.contexts(written)
      precondition(again.map(RSSContextTable.text) == written, "other contexts came back")
      _ = RSSContextTable.expected(contexts, among: contexts)
    default: return
    }
  }

  private static let structureSeeds = [
    "rtcp4 dst-port 80 queue 3", "r@7 tcp4 src-ip 10.0.0.0/24 dst-port 80 mask 0xff00 drop",
    "rudp6 dst-ip 2001:db8::1 context 2", "rether proto 0x800 vlan 5 queue 1",
    "rip4 l4proto 6 vf 1 queue 2", "R@7 tcp4 dst-port 80 queue 3; @9 udp4 drop", "Rnone",
    "tequal 4", "tequal 4 from 2", "t0*64,1*64", "tdefault", "t0", "cnone",
    "c1 equal 2 key 6d:5a function toeplitz; 3 0*64,1*64 transform symmetric-xor",
    "cnew equal 2 fields tcp4 sdfn",
  ]
}

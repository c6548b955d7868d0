import Knobs

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
      guard let table = try? FlowRuleTable(recorded: text) else { return }
      let again = try? FlowRuleTable(recorded: table.description)
      precondition(again == table, "another table came back")
      precondition(
        FlowRuleTable.placed(table.rules, among: table.rules).count == table.rules.count)
      _ = table.applied(to: table)
    case UInt8(ascii: "t"):
      guard let table = IndirectionTable(text) else { return }
      precondition(IndirectionTable(table.description) == table, "another table came back")
      for size in [0, 1, 7, 128] {
        guard let entries = table.entries(size: size), !entries.isEmpty else { continue }
        precondition(entries.count == size, "a table of another size")
        let told = IndirectionTable(entries: entries)
        precondition(told?.entries(size: size) == entries, "other entries came back")
        if let highest = told?.highestQueue {
          precondition(entries.allSatisfy { $0 <= highest }, "a queue above the highest")
        }
      }
    case UInt8(ascii: "c"):
      guard let table = try? RSSContextTable(recorded: text) else { return }
      let again = try? RSSContextTable(recorded: table.description)
      precondition(again == table, "other contexts came back")
      _ = table.expected(among: table.contexts)
      _ = table.applied(to: table)
    default: return
    }
  }

  private static let structureSeeds = [
    "rtcp4 dst-port 80 queue 3", "r@7 tcp4 src-ip 10.0.0.0/24 dst-port 80 mask 0xff00 drop",
    "rudp6 dst-ip 2001:db8::1 context 2", "rether proto 0x800 vlan 5 queue 1",
    "rip4 l4proto 6 vf 1 queue 2", "R@7 tcp4 dst-port 80 queue 3; @9 udp4 drop", "Rnone",
    "tequal 4", "tequal 4 from 2", "t0*64,1*64", "tdefault", "t0", "cnone",
    "cnone [and others, without 3 equal 4, again 1 2]", "Rnone [and others, without @7 tcp4 drop]",
    "c1 equal 2 key 6d:5a function toeplitz; 3 0*64,1*64 transform symmetric-xor",
    "cnew equal 2 fields tcp4 sdfn",
  ]
}

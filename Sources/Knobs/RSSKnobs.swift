/// Receive side scaling, and the flow rules that overrule it: what chooses the queue.
extension Knob {
  static let rss: [Knob] = [
    rssIndirection, rssHashKey, rssHashFunction, rssInputTransform, rssHashFields, rssContexts,
    flowRules, featureNTupleFilter, featureRxHashing, netdevRSSKey,
  ]

  package static let rssIndirection = rss(
    "indirection", .indirection,
    "Table from the low bits of a packet's hash to a receive queue", range: .any,
    since: "~6.2, to set by netlink ~6.17",
    notes: """
      "equal 4" spreads over the first 4 queues, "equal 4 from 8" over those from 8; "default" gives the table back to the driver; \
      otherwise queue numbers in the table's order, "3*64" for 64 entries in a row. A table \
      that a user set pins its queues: channels cannot shrink below them.
      """)

  package static let rssHashKey = rss(
    "hash-key", .key, "Secret that the hash of each packet is computed with", range: .any,
    aliases: ["rss.hkey"],
    notes: """
      Hex bytes separated by ":", as many as the driver says. A change moves every flow to \
      another queue.
      """)

  package static let rssHashFunction = rss(
    "hash-function", .hashFunction, "Function that hashes the packet's fields",
    range: .oneOf(["toeplitz", "xor", "crc32"]), aliases: ["rss.hfunc"],
    notes: "A change moves every flow to another queue.")

  package static let rssInputTransform = rss(
    "input-xfrm", .inputTransform,
    "Folding of addresses and ports, so that both directions of a flow hash alike",
    range: .oneOf(["none", "symmetric-xor", "symmetric-or-xor"]), since: "~6.8",
    notes: """
      For intrusion detection and flow caches. It lowers the entropy of the hash, and so the \
      evenness of the spread. The kernel leaves "none" out of its answer, so it is also read \
      where the driver does not tell: mlx5_core before 6.15 hashes symmetrically all the same.
      """)

  package static let rssHashFields = rss(
    "hash-fields", .hashFields, "Fields of the packet that are hashed, for each type of flow",
    range: .any, aliases: ["rss.flow-hash"], since: "~6.17",
    notes: """
      Letters as ethtool -N rx-flow-hash takes them: m (MAC), v (VLAN), t (protocol), s, d \
      (addresses), f, n (ports), r (discard). Many drivers leave the ports of UDP out, since \
      fragments have none: then one pair of hosts shares one queue.
      """)

  package static let rssContexts = rss(
    "contexts", .contexts, "RSS tables beside the main one, which flow rules send packets to",
    range: .any, since: "~4.17, to list them 6.12",
    notes: """
      All of them: "none", or "1 equal 2; 2 equal 4 from 8 key 6d:5a:… function toeplitz", each \
      with its number, and "new" for one that is to be made; rxtune rss --context makes, changes \
      and deletes single ones. Before 6.12 the first 32 numbers are asked for one by one. Flow \
      rules that use a context must go before it does.
      """)

  package static let flowRules = Knob(
    id: "flow-rules", aliases: ["ntuple"], stage: .rss, scope: .device,
    summary: "Rules that choose a queue, or drop, by the packet's addresses and ports",
    unit: .text, range: .any, access: .flowRules, document: Document.scaling,
    since: "~2.6.34",
    notes: """
      All rules: "none", or "@7 tcp4 dst-port 80 queue 3; @9 udp4 dst-ip 10.0.0.0/24 drop", \
      each with its location; rxtune ntuple adds and deletes single ones. They need \
      features.rx-ntuple-filter, live in the NIC, and overrule RSS; a rule pins its queue, so \
      that channels cannot shrink below it.
      """)

  package static let featureNTupleFilter = feature(
    "rx-ntuple-filter", .rss, "The NIC chooses queues by flow rules", risks: [.resets],
    invalidates: [.knob(flowRules)], document: Document.scaling,
    notes: "Turning it off drops the rules. Accelerated RFS needs it, too.")

  package static let featureRxHashing = feature(
    "rx-hashing", .rss, "The NIC hands the hash of each packet over with it",
    document: Document.scaling,
    notes: "Without it RPS has to hash each packet itself, on the CPU that took the interrupt.")

  package static let netdevRSSKey = sysctl(
    "net.core.netdev_rss_key", .rss, "Random key that the kernel offers to drivers", .text,
    .any, default: nil, document: Document.netSysctl, since: "~3.19", writable: false,
    notes: "All zero until a driver asks for it. Not every driver does: see rss.hash-key.")

  private static func rss(
    _ name: String, _ part: RSSPart, _ summary: String, range: Range, aliases: [String] = [],
    since: String = "~6.2, to set by netlink ~6.17", notes: String
  ) -> Knob {
    Knob(
      id: "rss.\(name)", aliases: aliases, stage: .rss, scope: .device, summary: summary,
      unit: .text, range: range, access: .rss(part), document: Document.scaling, since: since,
      notes: notes)
  }

  /// A bit of the device's features: ethtool -k and -K.
  static func feature(
    _ name: String, _ stage: Stage, _ summary: String, risks: [Risk] = [],
    invalidates: [Reset] = [], document: String = Document.ethtool, since: String = "~2.6.39",
    notes: String? = nil
  ) -> Knob {
    Knob(
      id: "features.\(name)", stage: stage, scope: .device, summary: summary, unit: .flag,
      range: .any, access: .feature(name), risks: risks, invalidates: invalidates,
      document: document, since: since,
      notes: (notes.map { $0 + " " } ?? "")
        + "The kernel acknowledges a request that it then refuses: only reading back tells.")
  }
}

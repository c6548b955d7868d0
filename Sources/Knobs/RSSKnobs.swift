/// Receive side scaling, and the flow rules that overrule it: what chooses the queue.
extension Knob {
  static let rss: [Knob] = [
    rssIndirection, rssHashKey, rssHashFunction, rssInputTransform, rssHashFields, rssContexts,
    flowRules, featureNTupleFilter, featureRxHashing, netdevRSSKey,
  ]

  package static let rssIndirection = rss(
    "indirection", .indirection,
    "Table that maps the low bits of a packet's hash to a receive queue", range: .any,
    since: "~6.2, to set by netlink ~6.17",
    notes: """
      "equal 4" spreads evenly over queues 0 to 3, "equal 4 from 8" over queues 8 to 11; "default" \
      returns the table to the driver. Otherwise list the queue of each entry in order, "3*64" for \
      64 entries in a row. A user-set table pins its queues: channels cannot shrink below them.
      """)

  package static let rssHashKey = rss(
    "hash-key", .key, "Key of the packet hash", range: .any,
    aliases: ["rss.hkey"],
    notes: """
      Hex bytes separated by ":", as many as the driver requires. A change moves flows to other \
      queues.
      """)

  package static let rssHashFunction = rss(
    "hash-function", .hashFunction, "Function that hashes a packet's fields",
    range: .oneOf(["toeplitz", "xor", "crc32"]), aliases: ["rss.hfunc"],
    notes: "A change moves flows to other queues.")

  package static let rssInputTransform = rss(
    "input-xfrm", .inputTransform,
    "Transform that makes both directions of a flow hash alike",
    range: .oneOf(["none", "symmetric-xor", "symmetric-or-xor"]), since: "~6.8",
    notes: """
      Useful for intrusion detection and flow caches. It lowers the entropy of the hash, so that \
      flows spread less evenly. The kernel omits "none" from its reply, so "none" is also read \
      where the driver does not report it: mlx5_core before 6.15 hashes symmetrically all the \
      same.
      """)

  package static let rssHashFields = rss(
    "hash-fields", .hashFields, "Packet fields that are hashed, by flow type",
    range: .any, aliases: ["rss.flow-hash"], since: "~6.17",
    notes: """
      Letters as in ethtool -N rx-flow-hash: m (MAC), v (VLAN), t (protocol), s and d (addresses), \
      f and n (ports), r (discard). Many drivers do not hash UDP ports, because fragments carry \
      none: all UDP packets between two hosts then share one queue.
      """)

  package static let rssContexts = rss(
    "contexts", .contexts, "Additional RSS contexts, which flow rules direct packets to",
    range: .any, since: "~4.17, to list them 6.12",
    notes: """
      The value lists all contexts: "none", or "1 equal 2; 2 equal 4 from 8 key 6d:5a:… function \
      toeplitz", each with its number, or "new" to create one. rxtune rss --context creates, \
      changes and deletes single contexts. Before 6.12 rxtune probes the first 32 numbers one by \
      one. Delete the flow rules that use a context before the context.
      """)

  package static let flowRules = Knob(
    id: "flow-rules", aliases: ["ntuple"], stage: .rss, scope: .device,
    summary: "Rules that choose a queue, or drop, by a packet's addresses and ports",
    unit: .text, range: .any, access: .flowRules, document: Document.scaling,
    since: "~2.6.34",
    notes: """
      The value lists all rules: "none", or "@7 tcp4 dst-port 80 queue 3; @9 udp4 dst-ip \
      10.0.0.0/24 drop", each with its location. rxtune ntuple adds and deletes single rules. \
      Rules need features.rx-ntuple-filter, live in the NIC and take precedence over RSS. A rule \
      pins its queue: channels cannot shrink below it.
      """)

  package static let featureNTupleFilter = feature(
    "rx-ntuple-filter", .rss, "The NIC directs packets to queues by flow rules", risks: [.resets],
    invalidates: [.knob(flowRules)], document: Document.scaling,
    notes: "Turning it off deletes the rules. Accelerated RFS needs it.")

  package static let featureRxHashing = feature(
    "rx-hashing", .rss, "The NIC passes each packet's hash to the kernel",
    document: Document.scaling,
    notes: "Without it, RPS hashes each packet itself, on the CPU that took the interrupt.")

  package static let netdevRSSKey = sysctl(
    "net.core.netdev_rss_key", .rss, "Random RSS key that the kernel offers to drivers", .text,
    .any, default: nil, document: Document.netSysctl, since: "~3.19", writable: false,
    notes: "All zeros until a driver asks for it. Not every driver does: see rss.hash-key.")

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
        + "The kernel may acknowledge a change that it then refuses; rxtune reads it back.")
  }
}

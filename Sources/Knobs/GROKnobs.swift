/// GRO and what the NIC does of it: packets of one flow are joined before the stack sees them.
extension Knob {
  static let gro: [Knob] = [
    featureGRO, featureHardwareGRO, featureLRO, featureGROList, featureUDPGROForwarding,
    featureRxChecksum, groMaxSize, groIPv4MaxSize, groNormalBatch,
  ]

  package static let featureGRO = feature(
    "rx-gro", .gro, "Generic receive offload: the kernel merges packets of one flow",
    risks: [.resets],
    invalidates: [.group(.napi)],
    notes: "A veth has NAPI instances only with GRO or XDP; a change recreates them.")

  package static let featureHardwareGRO = feature(
    "rx-gro-hw", .gro, "Hardware GRO: the NIC merges packets of one flow, reversibly",
    risks: [.flap, .resets], invalidates: reopening)

  package static let featureLRO = feature(
    "rx-lro", .gro, "Large receive offload: the NIC merges packets of one flow, irreversibly",
    risks: [.flap, .resets], invalidates: reopening,
    notes: "Not for hosts that forward: routing and bridging turn it off.")

  package static let featureGROList = feature(
    "rx-gro-list", .gro, "GRO chains the packets of a flow in a list", since: "~5.6",
    notes: "For UDP and for forwarding.")

  package static let featureUDPGROForwarding = feature(
    "rx-udp-gro-forwarding", .gro, "GRO also merges UDP packets that are not for a local socket",
    since: "~5.12")

  package static let featureRxChecksum = feature(
    "rx-checksum", .gro, "The NIC verifies the checksums of received packets",
    notes: "GRO gains little without it.")

  // netif_set_gro_max_size of net/core/dev.c sets both, up to 65536.
  package static let groMaxSize = size(
    "gro-max-size", attribute: 58, "Largest packet that GRO builds for IPv6", since: "~5.19",
    risks: [.resets], invalidates: [.knob(groIPv4MaxSize)])

  package static let groIPv4MaxSize = size(
    "gro-ipv4-max-size", attribute: 64, "Largest packet that GRO builds for IPv4", since: "~6.3")

  package static let groNormalBatch = sysctl(
    "net.core.gro_normal_batch", .gro, "Maximum segments that GRO passes to the stack in one batch",
    .packets, positiveInt32, default: "8", document: Document.netSysctl, since: "~5.4")

  private static func size(
    _ name: String, attribute: UInt16, _ summary: String, since: String, risks: [Risk] = [],
    invalidates: [Reset] = []
  ) -> Knob {
    Knob(
      id: "link.\(name)", stage: .gro, scope: .device, summary: summary, unit: .bytes,
      // GRO_MAX_SIZE of linux/netdevice.h.
      range: .between(0, 8 * 65_535), access: .link(attribute), defaultValue: "65536",
      risks: risks, invalidates: invalidates, document: Document.link, since: since,
      notes: """
        Above 65536 bytes is BIG TCP: every device and program on the way must support it.
        """)
  }
}

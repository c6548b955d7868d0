/// Rings and channels: ethtool -g/-G and -l/-L (networking/ethtool-netlink.rst).
extension Knob {
  static let ring: [Knob] = [
    channelsRx, channelsTx, channelsOther, channelsCombined, ringsRx, ringsRxMini, ringsRxJumbo,
    ringsTx, ringsRxBufferLength, ringsTCPDataSplit, ringsCQESize, ringsTxPush, ringsRxPush,
    ringsTxPushBufferLength, ringsHDSThreshold,
  ]

  package static let channelsRx = channels(
    "rx", attribute: 6, maximum: 2, "Receive-only channels")

  package static let channelsTx = channels(
    "tx", attribute: 7, maximum: 3, "Transmit-only channels")

  package static let channelsOther = channels(
    "other", attribute: 8, maximum: 4, "Channels for other purposes, such as link interrupts")

  package static let channelsCombined = channels(
    "combined", attribute: 9, maximum: 5, "Channels that both receive and transmit")

  package static let ringsRx = rings(
    "rx", attribute: 6, maximum: 2, "Size of each receive ring")

  package static let ringsRxMini = rings(
    "rx-mini", attribute: 7, maximum: 3, "Size of each receive ring for small frames")

  package static let ringsRxJumbo = rings(
    "rx-jumbo", attribute: 8, maximum: 4, "Size of each receive ring for jumbo frames")

  package static let ringsTx = rings(
    "tx", attribute: 9, maximum: 5, "Size of each transmit ring")

  package static let ringsRxBufferLength = ringOption(
    "rx-buf-len", .bytes, uint32, .ethtool(.rings, 10),
    "Size of each receive buffer", since: "~5.17")

  package static let ringsTCPDataSplit = ringOption(
    "tcp-data-split", .text, .oneOf(["auto", "off", "on"]), .ethtoolChoice(.rings, 11),
    "TCP headers and payload go to separate buffers", since: "~5.18",
    notes: """
      Device memory TCP and zero-copy receive need it. Some drivers require features.rx-gro-hw.
      """)

  package static let ringsCQESize = ringOption(
    "cqe-size", .bytes, uint32, .ethtool(.rings, 12), "Size of a completion queue entry (CQE)",
    since: "~5.18")

  package static let ringsTxPush = ringOption(
    "tx-push", .flag, .any, .ethtoolFlag(.rings, 13),
    "The CPU pushes transmit descriptors to the device, which need not fetch them",
    since: "~5.18")

  package static let ringsRxPush = ringOption(
    "rx-push", .flag, .any, .ethtoolFlag(.rings, 14),
    "The CPU pushes receive descriptors to the device, which need not fetch them", since: "~6.3")

  package static let ringsTxPushBufferLength = ringOption(
    "tx-push-buf-len", .bytes, .reported(minimum: 0), .ethtool(.rings, 15, maximum: 16),
    "Bytes of a packet that may be pushed along with its descriptor", since: "~6.4")

  package static let ringsHDSThreshold = ringOption(
    "hds-thresh", .bytes, .reported(minimum: 0), .ethtool(.rings, 17, maximum: 18),
    "Largest packet that is not split into header and payload", since: "~6.14")

  private static func channels(
    _ name: String, attribute: UInt16, maximum: UInt16, _ summary: String
  ) -> Knob {
    Knob(
      id: "channels.\(name)", aliases: ["channels.\(name)-count"], stage: .ring, scope: .device,
      summary: summary, unit: .queues, range: .reported(minimum: 0),
      access: .ethtool(.channels, attribute, maximum: maximum), risks: [.flap, .resets],
      invalidates: [
        .group(.queue), .knob(rssIndirection), .knob(rssContexts), .knob(flowRules),
        .knob(irqAffinity), .group(.napi),
      ],
      document: Document.ethtool, since: "~3.0",
      notes: """
        At least one receive and one transmit channel must remain. A queue that is removed loses \
        its RPS and XPS masks; they return as 0. The kernel refuses fewer channels than a user-set \
        RSS table, an ntuple rule or an AF_XDP socket uses.
        """)
  }

  private static func rings(
    _ name: String, attribute: UInt16, maximum: UInt16, _ summary: String
  ) -> Knob {
    Knob(
      id: "rings.\(name)", stage: .ring, scope: .device, summary: summary, unit: .descriptors,
      range: .reported(minimum: 1), access: .ethtool(.rings, attribute, maximum: maximum),
      settles: .clamped, risks: [.flap, .resets], invalidates: reopening,
      document: Document.ethtool,
      notes: "Drivers round the size to what the hardware supports. Some reset the RSS table.")
  }

  private static func ringOption(
    _ name: String, _ unit: Unit, _ range: Range, _ access: Access, _ summary: String,
    since: String, notes: String? = nil
  ) -> Knob {
    Knob(
      id: "rings.\(name)", stage: .ring, scope: .device, summary: summary, unit: unit,
      range: range, access: access, risks: [.flap, .resets], invalidates: reopening,
      document: Document.ethtool, since: since, notes: notes)
  }

  /// What drivers set up anew when they reopen their queues.
  static let reopening: [Reset] = [
    .knob(irqAffinity), .knob(rssIndirection), .group(.napi),
  ]
}

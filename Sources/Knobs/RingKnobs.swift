/// Rings and channels: ethtool -g/-G and -l/-L (networking/ethtool-netlink.rst).
extension Knob {
  static let ring: [Knob] = [
    channelsRx, channelsTx, channelsOther, channelsCombined, ringsRx, ringsRxMini, ringsRxJumbo,
    ringsTx, ringsRxBufferLength, ringsTCPDataSplit, ringsCQESize, ringsTxPush, ringsRxPush,
    ringsTxPushBufferLength, ringsHDSThreshold,
  ]

  package static let channelsRx = channels(
    "rx", attribute: 6, maximum: 2, "Channels that only receive")

  package static let channelsTx = channels(
    "tx", attribute: 7, maximum: 3, "Channels that only transmit")

  package static let channelsOther = channels(
    "other", attribute: 8, maximum: 4, "Channels for link events and the like")

  package static let channelsCombined = channels(
    "combined", attribute: 9, maximum: 5, "Channels that receive and transmit")

  package static let ringsRx = rings(
    "rx", attribute: 6, maximum: 2, "Descriptors of each receive ring")

  package static let ringsRxMini = rings(
    "rx-mini", attribute: 7, maximum: 3, "Descriptors of each ring for small frames")

  package static let ringsRxJumbo = rings(
    "rx-jumbo", attribute: 8, maximum: 4, "Descriptors of each ring for jumbo frames")

  package static let ringsTx = rings(
    "tx", attribute: 9, maximum: 5, "Descriptors of each transmit ring")

  package static let ringsRxBufferLength = ringOption(
    "rx-buf-len", .bytes, uint32, .ethtool(.rings, 10),
    "Size of the buffers that the receive rings hold", since: "~5.17")

  package static let ringsTCPDataSplit = ringOption(
    "tcp-data-split", .text, .oneOf(["auto", "off", "on"]), .ethtoolChoice(.rings, 11),
    "Headers and payload of TCP packets go to separate buffers", since: "~5.18",
    notes: "Device memory TCP and zero-copy receive need it. Some drivers want GRO-HW for it.")

  package static let ringsCQESize = ringOption(
    "cqe-size", .bytes, uint32, .ethtool(.rings, 12), "Size of a completion queue entry",
    since: "~5.18")

  package static let ringsTxPush = ringOption(
    "tx-push", .flag, .any, .ethtoolFlag(.rings, 13),
    "Descriptors to send are pushed to the device by the CPU, rather than fetched by it",
    since: "~5.18")

  package static let ringsRxPush = ringOption(
    "rx-push", .flag, .any, .ethtoolFlag(.rings, 14),
    "Descriptors to receive into are pushed to the device", since: "~6.3")

  package static let ringsTxPushBufferLength = ringOption(
    "tx-push-buf-len", .bytes, .reported(minimum: 0), .ethtool(.rings, 15, maximum: 16),
    "Bytes of a packet that may be pushed together with its descriptor", since: "~6.4")

  package static let ringsHDSThreshold = ringOption(
    "hds-thresh", .bytes, .reported(minimum: 0), .ethtool(.rings, 17, maximum: 18),
    "Packets up to this size are not split into header and payload", since: "~6.14")

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
        At least one receiving and one transmitting channel must remain. A change destroys the \
        per-queue files of vanishing queues: their RPS and XPS masks come back as 0. It is refused \
        below what a user's RSS table, an ntuple rule or an AF_XDP socket uses.
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
      notes: "Drivers round to what their hardware can do: read back. Some reset the RSS table.")
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

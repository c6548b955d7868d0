/// Rings and channels: ethtool -g/-G and -l/-L (networking/ethtool-netlink.rst).
extension Knob {
  static let ring: [Knob] = [
    channels("rx", attribute: 6, maximum: 2, "Channels that only receive"),
    channels("tx", attribute: 7, maximum: 3, "Channels that only transmit"),
    channels("other", attribute: 8, maximum: 4, "Channels for link events and the like"),
    channels("combined", attribute: 9, maximum: 5, "Channels that receive and transmit"),
    rings("rx", attribute: 6, maximum: 2, "Descriptors of each receive ring"),
    rings("rx-mini", attribute: 7, maximum: 3, "Descriptors of each ring for small frames"),
    rings("rx-jumbo", attribute: 8, maximum: 4, "Descriptors of each ring for jumbo frames"),
    rings("tx", attribute: 9, maximum: 5, "Descriptors of each transmit ring"),
  ]

  private static func channels(
    _ name: String, attribute: UInt16, maximum: UInt16, _ summary: String
  ) -> Knob {
    Knob(
      id: "channels.\(name)", stage: .ring, scope: .device, summary: summary, unit: .queues,
      range: .reported(minimum: 0),
      access: .ethtool(.channels, attribute, maximum: maximum),
      risks: [.flap, .resets],
      invalidates: ["rps.", "xps.", "rss.", "irq.smp-affinity", "napi."],
      document: "networking/ethtool-netlink.rst", since: "~5.7",
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
      range: .reported(minimum: 1),
      access: .ethtool(.rings, attribute, maximum: maximum), settles: .clamped,
      risks: [.flap, .resets], invalidates: ["irq.smp-affinity", "rss."],
      document: "networking/ethtool-netlink.rst", since: "~5.7",
      notes: "Drivers round to what their hardware can do: read back. Some reset the RSS table.")
  }
}

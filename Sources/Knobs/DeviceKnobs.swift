/// The device as a whole: its link, flow control, and what its driver keeps to itself.
extension Knob {
  static let device: [Knob] = [
    mtu, rxCopybreak, txCopybreak, txCopybreakBufferSize, privateFlags, pauseRx, pauseTx,
    pauseAutonegotiation,
  ]

  package static let mtu = Knob(
    id: "link.mtu", stage: .device, scope: .device,
    summary: "Maximum transmission unit (MTU)", unit: .bytes,
    range: .reported(minimum: 0), access: .link(4, minimum: 50, maximum: 51),
    defaultValue: "1500", risks: [.flap, .resets], invalidates: reopening,
    document: Document.device,
    notes: """
      Most drivers reopen their queues to change it. Native XDP limits it. A macvlan or VLAN on \
      top shrinks with the lower device and does not grow back; the ports of a bond follow both \
      ways. A plan names these devices, and a rollback restores them. Below 1280 bytes a device \
      loses its IPv6 addresses.
      """)

  package static let rxCopybreak = tunable(
    "rx-copybreak", number: 1, .bytes,
    "Largest received packet that is copied so that its buffer can be reused",
    since: "3.18")

  package static let txCopybreak = tunable(
    "tx-copybreak", number: 2, .bytes, "Largest sent packet that is copied instead of mapped",
    since: "~3.18")

  package static let txCopybreakBufferSize = tunable(
    "tx-copybreak-buf-size", number: 4, .bytes,
    "Size of the buffer that small sent packets are copied to",
    since: "~5.16")

  package static let privateFlags = Knob(
    id: "private-flags", aliases: ["priv-flags"], stage: .device, scope: .device,
    summary: "Driver-specific flags", unit: .text, range: .any,
    access: .privateFlags, risks: [.flap, .resets],
    invalidates: [.group(.rings), .group(.channels), .group(.coalesce), .group(.rss)],
    document: Document.ethtool,
    since: "~2.6.24",
    notes: """
      A list of names; a "-" marks flags that are off: "legacy-rx,-vf-ipsec". To set, name only \
      the flags to change. Only the driver knows what a flag does and what it resets.
      """)

  package static let pauseRx = pause(
    "rx", attribute: 3, "Received pause frames stop the transmitter")

  package static let pauseTx = pause(
    "tx", attribute: 4, "A full receive ring makes the device send pause frames")

  package static let pauseAutonegotiation = pause(
    "autoneg", attribute: 2, "Pause settings are negotiated with the link partner")

  private static func tunable(
    _ name: String, number: UInt32, _ unit: Unit, _ summary: String, since: String
  ) -> Knob {
    Knob(
      id: "tunable.\(name)", stage: .device, scope: .device, summary: summary, unit: unit,
      range: uint32, access: .tunable(number), settles: .clamped, document: "ethtool(8)",
      since: since,
      notes: "Few drivers support it. Only an ioctl sets it; there is no netlink message.")
  }

  private static func pause(_ name: String, attribute: UInt16, _ summary: String) -> Knob {
    Knob(
      id: "pause.\(name)", stage: .device, scope: .device, summary: summary, unit: .flag,
      range: .any, access: .ethtoolFlag(.pause, attribute), settles: .later,
      risks: [.flap, .resets], invalidates: reopening, document: Document.ethtool,
      notes: """
        A host that pauses its switch port moves its drops into the switch. A change usually takes \
        the link down and up.
        """)
  }
}

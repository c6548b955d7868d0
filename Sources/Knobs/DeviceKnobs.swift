/// The device as a whole: its link, flow control, and what its driver keeps to itself.
extension Knob {
  static let device: [Knob] = [
    mtu, rxCopybreak, txCopybreak, txCopybreakBufferSize, privateFlags, pauseRx, pauseTx,
    pauseAutonegotiation,
  ]

  package static let mtu = Knob(
    id: "link.mtu", stage: .device, scope: .device,
    summary: "Largest packet that the device sends and expects", unit: .bytes,
    range: .reported(minimum: 0), access: .link(4, minimum: 50, maximum: 51),
    defaultValue: "1500", risks: [.flap, .resets], invalidates: reopening,
    document: Document.device,
    notes: """
      Most drivers reopen their queues for it. Native XDP limits it. A macvlan or VLAN on top \
      follows the lower device down, and does not come back up with it; the ports of a bond \
      follow both ways. A plan names them, and a rollback restores them. Below 1280 a device \
      loses its IPv6 addresses.
      """)

  package static let rxCopybreak = tunable(
    "rx-copybreak", number: 1, .bytes,
    "Received packets up to this size are copied, and their buffer is used again",
    since: "3.18")

  package static let txCopybreak = tunable(
    "tx-copybreak", number: 2, .bytes, "Sent packets up to this size are copied rather than mapped",
    since: "~3.18")

  package static let txCopybreakBufferSize = tunable(
    "tx-copybreak-buf-size", number: 4, .bytes,
    "Size of the buffer that sent packets are copied to",
    since: "~5.16")

  package static let privateFlags = Knob(
    id: "private-flags", aliases: ["priv-flags"], stage: .device, scope: .device,
    summary: "Switches that only this driver has", unit: .text, range: .any,
    access: .privateFlags, risks: [.flap, .resets],
    invalidates: [.group(.rings), .group(.channels), .group(.coalesce), .group(.rss)],
    document: Document.ethtool,
    since: "~2.6.24",
    notes: """
      A list of names, those that are off behind a "-": "legacy-rx,-vf-ipsec". To set, name \
      only what is to change. What a flag does, and what it resets, only the driver knows.
      """)

  package static let pauseRx = pause(
    "rx", attribute: 3, "Pause frames that arrive stop our transmitter")

  package static let pauseTx = pause(
    "tx", attribute: 4, "A full receive ring sends pause frames to the link partner")

  package static let pauseAutonegotiation = pause(
    "autoneg", attribute: 2, "Flow control is negotiated with the link partner")

  private static func tunable(
    _ name: String, number: UInt32, _ unit: Unit, _ summary: String, since: String
  ) -> Knob {
    Knob(
      id: "tunable.\(name)", stage: .device, scope: .device, summary: summary, unit: unit,
      range: uint32, access: .tunable(number), settles: .clamped, document: "ethtool(8)",
      since: since,
      notes: "Few drivers have it. It is set by ioctl alone: there is no netlink message for it.")
  }

  private static func pause(_ name: String, attribute: UInt16, _ summary: String) -> Knob {
    Knob(
      id: "pause.\(name)", stage: .device, scope: .device, summary: summary, unit: .flag,
      range: .any, access: .ethtoolFlag(.pause, attribute), settles: .later,
      risks: [.flap, .resets], invalidates: reopening, document: Document.ethtool,
      notes: """
        A host that pauses its switch port hides its drops in the switch. A change usually takes \
        the link down and up.
        """)
  }
}

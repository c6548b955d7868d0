/// A device that packets arrive at, for one that may lie above it.
package struct Arrival: Sendable, Hashable {
  package var link: Link
  /// Why the headers of the packets as the upper device has them do not tell its queue; nil where
  /// they do.
  package var obstacle: UnknownReason?
  /// Why others of the packets may arrive elsewhere.
  package var caveat: UnknownReason?
  /// A macvlan or macvtap is on the way, of which some NICs have a queue of its own.
  package var isBelowMacvlan = false

  package init(_ link: Link) {
    self.link = link
  }
}

/// Where the packets of a device arrive: at itself, or at those below it.
package struct Arrivals: Sendable, Hashable {
  package var device: Link
  /// What is right below; nil where the device has receive queues of its own.
  package var below: DevicesBelow?
  /// Where packets arrive, each device once.
  package private(set) var places: [Arrival] = []
  /// Why one of them, or all, cannot be named.
  package private(set) var notes: [String] = []
  /// By ifindex: each is looked at once, for a damaged record may have rings.
  fileprivate var seen: [Int32] = []

  /// In a sentence, where it is not one device alone: "bond0: packets arrive at eth0 or eth1".
  package var reason: UnknownReason {
    guard !places.isEmpty else {
      return
        "\(notes.isEmpty ? "it is unknown where its packets arrive" : notes.joined(separator: "; "))"
    }
    let names = places.map(\.link.name).joined(separator: " or ")
    return "packets of \(device.name) arrive at \(names), each with queues of its own"
  }
}

extension Host {
  /// Where packets of `link` arrive, among all devices of its namespace.
  package func arrivals(_ link: Link, _ links: [Link]) -> Arrivals {
    var arrivals = Arrivals(device: link, below: devicesBelow(link, links))
    arrivals.follow(Arrival(link), links, self)
    return arrivals
  }
}

extension Arrivals {
  fileprivate mutating func follow(_ arrival: Arrival, _ links: [Link], _ host: Host) {
    let link = arrival.link
    guard !seen.contains(link.index) else { return }
    seen.append(link.index)
    guard let below = host.devicesBelow(link, links) else {
      places.append(arrival)
      return
    }
    if let note = below.note { notes.append(note) }
    var next = below.links
    var arrival = arrival
    switch below.relation {
    case .lower:
      if ["macvlan", "macvtap"].contains(link.kind) { arrival.isBelowMacvlan = true }
    case .ports:
      if let active = next.first(where: { $0.index == link.activePort }) { next = [active] }
    case .conduit:
      arrival.obstacle =
        "packets of \(link.name) carry its switch's tag there: it is unknown what is hashed of them"
    case .carrier:
      arrival.obstacle = """
        packets of \(link.name) are inside of others there, whose addresses and ports decide
        """
    case .function:
      let names = below.names.joined(separator: ", ")
      // While no function is up, all packets come by the device itself.
      next = next.filter(\.isUp)
      arrival.caveat =
        next.isEmpty
        ? "once \(names) is up, packets arrive there"
        : "while \(names) is away, packets arrive at the queues of \(link.name) itself"
      if next.isEmpty {
        places.append(arrival)
        return
      }
    }
    for lower in next {
      arrival.link = lower
      follow(arrival, links, host)
    }
  }
}

/// Where a value is kept: the host, a device, or a part of either.
///
/// A NAPI instance gets a new id and an interrupt a new number when its queue is reopened, and a
/// record of what was there before must find them again all the same. So they have a durable name
/// besides the kernel's name of now: an instance its rank among the device's (ids are handed out in
/// the order of the queues), an interrupt the name that its driver requested it under. `PlaceNames`
/// turns one into the other.
package struct Place: Hashable, Sendable {
  package var device: String?
  package var part: Part

  package init(_ part: Part, of device: String? = nil) {
    self.device = device
    self.part = part
  }

  package enum Part: Hashable, Sendable {
    /// The device; the host where there is none.
    case whole
    case queue(Direction, Int)
    /// The n-th NAPI instance of the device, by ascending id.
    case napi(rank: Int)
    /// A NAPI instance by the id that it has now.
    case napiID(UInt32)
    /// The interrupt of the device whose action has that name: "eth0-TxRx-3".
    case interrupt(String)
    /// An interrupt by the number that it has now.
    case irq(Int)
    /// The interrupt of a receive queue, whatever it will be called once the queue is there.
    case vector(Int)
    case cpu(Int)
  }

  package enum Direction: String, Sendable, Hashable { case rx, tx }
}

extension Place {
  package static let host = Place(.whole)

  package static func device(_ name: String) -> Place { Place(.whole, of: name) }

  package static func queue(device: String, _ direction: Direction, _ index: Int) -> Place {
    Place(.queue(direction, index), of: device)
  }

  package static func napi(device: String, rank: Int) -> Place {
    Place(.napi(rank: rank), of: device)
  }

  package static func napi(device: String, id: UInt32) -> Place { Place(.napiID(id), of: device) }

  package static func interrupt(device: String, name: String) -> Place {
    Place(.interrupt(name), of: device)
  }

  package static func irq(_ number: Int) -> Place { Place(.irq(number)) }

  package static func vector(device: String, queue: Int) -> Place {
    Place(.vector(queue), of: device)
  }

  package static func cpu(_ number: Int) -> Place { Place(.cpu(number)) }

  /// The same place of another device, or of a device by another name.
  package func on(_ other: String) -> Place { device == nil ? self : Place(part, of: other) }
}

// MARK: - Kinds

extension Knob {
  /// What one value of the knob belongs to: the kind of its places.
  package enum Scope: String, Sendable, CaseIterable, Hashable {
    case host
    /// A network namespace. Its place is that of the host.
    case namespace = "netns"
    case device
    case rxQueue = "rx-queue"
    case txQueue = "tx-queue"
    case napi
    case irq
    case cpu
    case socket

    private struct Traits {
      let plural: String
      let summary: String
      var isOfDevice = false
      var reachesBeyondNamespace = false
    }

    private var traits: Traits {
      switch self {
      case .host: Traits(plural: "places", summary: "the whole host", reachesBeyondNamespace: true)
      case .namespace: Traits(plural: "places", summary: "a network namespace")
      case .device: Traits(plural: "places", summary: "a device", isOfDevice: true)
      case .rxQueue: Traits(plural: "receive queues", summary: "a receive queue", isOfDevice: true)
      case .txQueue:
        Traits(plural: "transmit queues", summary: "a transmit queue", isOfDevice: true)
      case .napi: Traits(plural: "NAPI instances", summary: "a NAPI instance", isOfDevice: true)
      case .irq:
        Traits(
          plural: "interrupts", summary: "an interrupt", isOfDevice: true,
          reachesBeyondNamespace: true)
      case .cpu: Traits(plural: "CPUs", summary: "a CPU", reachesBeyondNamespace: true)
      case .socket: Traits(plural: "sockets", summary: "a socket of one program")
      }
    }

    /// "v0 has no receive queues".
    package var plural: String { traits.plural }

    /// One of its places, in words.
    package var summary: String { traits.summary }

    /// Whether its places are a device's.
    package var isOfDevice: Bool { traits.isOfDevice }

    /// Whether what is set there concerns other network namespaces, too.
    package var reachesBeyondNamespace: Bool { traits.reachesBeyondNamespace }
  }

  package var isOfDevice: Bool { scope.isOfDevice }

  /// Whether such a place can have a value of this knob.
  package func fits(_ place: Place) -> Bool {
    place.scope == scope || place == .host && scope == .namespace
  }

  /// Whether who names that part of a device can mean a place of this knob: by a receive queue its
  /// interrupt, too.
  package func fits(_ part: Place.Part) -> Bool {
    if case .queue(.rx, _) = part, scope == .irq { return true }
    return part.scope == scope
  }
}

extension Place {
  package var scope: Knob.Scope { part.scope ?? (device == nil ? .host : .device) }
}

extension Place.Part {
  /// By the word that the journal has for it.
  fileprivate enum Kind: String, CaseIterable {
    case rx, tx, napi, vector, cpu
    case napiID = "napi-id"
    case interrupt = "irq"
    case irq = "irq-number"

    var notation: Notation {
      switch self {
      case .rx: Notation(.rxQueue, "rx-", typed: ["rx-"]) { .queue(.rx, $0) }
      case .tx: Notation(.txQueue, "tx-", typed: ["tx-"]) { .queue(.tx, $0) }
      case .napi: Notation(.napi, "napi ") { .napi(rank: $0) }
      case .napiID:
        Notation(.napi, "napi-", typed: ["napi-"], isDurable: false) {
          UInt32(exactly: $0).map { .napiID($0) }
        }
      case .interrupt: Notation(.irq, "irq ") { _ in nil }
      case .irq: Notation(.irq, "irq-", typed: ["irq-"], isDurable: false) { .irq($0) }
      case .vector: Notation(.irq, "irq of rx-") { .vector($0) }
      case .cpu: Notation(.cpu, "cpu", typed: ["cpu-", "cpu"]) { .cpu($0) }
      }
    }
  }

  fileprivate struct Notation {
    let scope: Knob.Scope
    /// What a name begins with, as it is read, and as it may be typed.
    let stem: String
    let typed: [String]
    /// Whether the journal may name it so: nothing that drivers make anew.
    let isDurable: Bool
    /// nil where there is no such number, and of what has a name instead.
    let part: (Int) -> Place.Part?

    init(
      _ scope: Knob.Scope, _ stem: String, typed: [String] = [], isDurable: Bool = true,
      part: @escaping (Int) -> Place.Part?
    ) {
      self.scope = scope
      self.stem = stem
      self.typed = typed
      self.isDurable = isDurable
      self.part = part
    }
  }

  private enum Identity {
    case number(Int)
    case name(String)

    var text: String {
      switch self {
      case .number(let number): "\(number)"
      case .name(let name): name
      }
    }
  }

  /// What it is, and which of them; nil of the whole.
  private var written: (kind: Kind, identity: Identity)? {
    switch self {
    case .whole: nil
    case .queue(.rx, let index): (.rx, .number(index))
    case .queue(.tx, let index): (.tx, .number(index))
    case .napi(let rank): (.napi, .number(rank))
    case .napiID(let id): (.napiID, .number(Int(id)))
    case .interrupt(let name): (.interrupt, .name(name))
    case .irq(let number): (.irq, .number(number))
    case .vector(let queue): (.vector, .number(queue))
    case .cpu(let cpu): (.cpu, .number(cpu))
    }
  }

  /// nil of the whole.
  fileprivate var scope: Knob.Scope? { written?.kind.notation.scope }

  /// What all parts of one kind begin with, and the number that tells them apart: "rx-" and 3.
  var numbered: (stem: String, number: Int)? {
    guard let (kind, identity) = written, case .number(let number) = identity else { return nil }
    return (kind.notation.stem, number)
  }

  /// The journal's word for it, and which one; nil of the whole.
  fileprivate var words: (kind: String, identity: String)? {
    written.map { ($0.kind.rawValue, $0.identity.text) }
  }
}

// MARK: - In words

extension Place.Part {
  /// "net.ipv4.tcp_rmem=4096 131072 6291456" or "queue.rps-cpus=0-3 rx-1 rx-2" taken apart; places are
  /// the last words.
  package static func split(assignment: String) -> (assignment: String, places: [String]) {
    let words = assignment.split(separator: " ").map(String.init)
    let places = words.dropFirst().reversed().prefix { Self(typed: $0) != nil }
    return (
      words.dropLast(places.count).joined(separator: " "), Array(places.reversed())
    )
  }
}

extension Place.Part: CustomStringConvertible {
  /// What a person types: "rx-3", "tx-0", "napi-261", "irq-39", "cpu2".
  package init?(typed text: String) {
    for kind in Kind.allCases {
      for stem in kind.notation.typed where text.hasPrefix(stem) {
        let digits = text.dropFirst(stem.count)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
          let part = Int(digits).flatMap(kind.notation.part)
        else { continue }
        self = part
        return
      }
    }
    return nil
  }

  package var description: String {
    written.map { $0.kind.notation.stem + $0.identity.text } ?? ""
  }
}

extension Place: CustomStringConvertible {
  /// As a person reads it: "eth0 rx-3".
  package var description: String {
    if part == .whole { return device ?? "host" }
    return (device.map { $0 + " " } ?? "") + part.description
  }

  /// The same of a knob's value: what the host has for each network namespace is "netns".
  package func name(for knob: Knob) -> String {
    self == .host && knob.scope == .namespace ? knob.scope.rawValue : description
  }

  /// Several places of one device: "eth0 rx-0 to rx-3, tx-1".
  package static func named(_ places: [Place]) -> String {
    func queues(_ direction: Direction) -> [Int] {
      places.compactMap { if case .queue(direction, let index) = $0.part { index } else { nil } }
    }
    let ranks = places.compactMap { if case .napi(let rank) = $0.part { rank } else { nil } }
    var parts = [Direction.rx, .tx].map { $0.names(queues($0)) }
    parts.append(ranks.isEmpty ? "" : "napi \(CPUSet(ranks).list)")
    let device = places.first?.device
    parts += places.compactMap { place in
      switch place.part {
      case .queue, .napi: nil
      case .whole: place.device == nil ? place.description : nil
      default: place.part.description
      }
    }
    return ([device ?? ""] + [parts.filter { !$0.isEmpty }.joined(separator: ", ")])
      .filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension Place.Direction {
  /// "rx-0 to rx-3, rx-7".
  package func names(_ queues: [Int]) -> String {
    CPUSet(queues).list.split(separator: ",").map { run in
      run.split(separator: "-").map { "\(rawValue)-\($0)" }.joined(separator: " to ")
    }.joined(separator: ", ")
  }
}

// MARK: - On paper

extension Place {
  /// Words of the journal; `init(words:)` reads those of durable names back.
  package var words: [String] {
    guard let (kind, identity) = part.words else {
      return device.map { ["device", $0] } ?? ["host"]
    }
    return [kind] + (device.map { [$0] } ?? []) + [identity]
  }

  package init?(words: [String]) {
    guard let word = words.first, let value = words.last else { return nil }
    switch (word, words.count) {
    case ("host", 1): self = .host
    case ("device", 2): self = .device(value)
    case (_, 2), (_, 3):
      let device = words.count == 3 ? words[1] : nil
      guard let kind = Part.Kind(rawValue: word), kind.notation.isDurable,
        (device != nil) == kind.notation.scope.isOfDevice
      else { return nil }
      if kind == .interrupt {
        self.init(.interrupt(value), of: device)
      } else {
        guard let number = Int(value), number >= 0, let part = kind.notation.part(number) else {
          return nil
        }
        self.init(part, of: device)
      }
    default: return nil
    }
  }

  /// A member by which JSON tells a part.
  package struct Member: Sendable {
    package let name: String
    package let summary: String
    package let value: Value

    package enum Value: Sendable {
      case number(@Sendable (Part) -> Int?)
      case text(@Sendable (Part) -> String?)
    }
  }

  /// The durable names, and the kernel's of now.
  package static let members: [Member] = [
    Member(
      name: "direction", summary: "Direction of the queue: rx or tx.",
      value: .text { if case .queue(let direction, _) = $0 { direction.rawValue } else { nil } }),
    Member(
      name: "queue", summary: "The queue.",
      value: .number { if case .queue(_, let index) = $0 { index } else { nil } }),
    Member(
      name: "napi-rank", summary: "Rank of the NAPI instance, by ascending id.",
      value: .number { if case .napi(let rank) = $0 { rank } else { nil } }),
    Member(
      name: "napi-id", summary: "Current id of the NAPI instance.",
      value: .number { if case .napiID(let id) = $0 { Int(id) } else { nil } }),
    Member(
      name: "interrupt", summary: "Name of the interrupt's action.",
      value: .text { if case .interrupt(let name) = $0 { name } else { nil } }),
    Member(
      name: "irq", summary: "Current number of the interrupt.",
      value: .number { if case .irq(let number) = $0 { number } else { nil } }),
    Member(
      name: "vector-of", summary: "The receive queue that the interrupt serves.",
      value: .number { if case .vector(let queue) = $0 { queue } else { nil } }),
    Member(
      name: "cpu", summary: "The CPU.",
      value: .number { if case .cpu(let cpu) = $0 { cpu } else { nil } }),
  ]
}

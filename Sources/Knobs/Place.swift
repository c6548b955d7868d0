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

    /// "v0 has no receive queues".
    package var plural: String {
      switch self {
      case .host, .namespace, .device: "places"
      case .rxQueue: "receive queues"
      case .txQueue: "transmit queues"
      case .napi: "NAPI instances"
      case .irq: "interrupts"
      case .cpu: "CPUs"
      case .socket: "sockets"
      }
    }

    /// One of its places, in words.
    package var summary: String {
      switch self {
      case .host: "the whole host"
      case .namespace: "a network namespace"
      case .device: "a device"
      case .rxQueue: "a receive queue"
      case .txQueue: "a transmit queue"
      case .napi: "a NAPI instance"
      case .irq: "an interrupt"
      case .cpu: "a CPU"
      case .socket: "a socket of one program"
      }
    }

    /// Whether what is set there concerns other network namespaces, too.
    package var reachesBeyondNamespace: Bool {
      switch self {
      case .host, .irq, .cpu: true
      case .namespace, .device, .rxQueue, .txQueue, .napi, .socket: false
      }
    }

    /// Whether its places are a device's.
    package var isOfDevice: Bool {
      switch self {
      case .device, .rxQueue, .txQueue, .napi, .irq: true
      case .host, .namespace, .cpu, .socket: false
      }
    }
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
  /// nil of the whole.
  fileprivate var scope: Knob.Scope? {
    switch self {
    case .whole: nil
    case .queue(.rx, _): .rxQueue
    case .queue(.tx, _): .txQueue
    case .napi, .napiID: .napi
    case .interrupt, .irq, .vector: .irq
    case .cpu: .cpu
    }
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
    func number(_ prefix: String) -> Int? {
      guard text.hasPrefix(prefix) else { return nil }
      let digits = text.dropFirst(prefix.count)
      guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      return Int(digits)
    }
    if let index = number("rx-") {
      self = .queue(.rx, index)
    } else if let index = number("tx-") {
      self = .queue(.tx, index)
    } else if let id = number("napi-").flatMap({ UInt32(exactly: $0) }) {
      self = .napiID(id)
    } else if let irq = number("irq-") {
      self = .irq(irq)
    } else if let cpu = number("cpu-") ?? number("cpu") {
      self = .cpu(cpu)
    } else {
      return nil
    }
  }

  /// What all parts of one kind begin with, and the number that tells them apart: "rx-" and 3.
  var numbered: (stem: String, number: Int)? {
    switch self {
    case .queue(let direction, let index): ("\(direction.rawValue)-", index)
    case .napi(let rank): ("napi ", rank)
    case .napiID(let id): ("napi-", Int(id))
    case .irq(let number): ("irq-", number)
    case .vector(let queue): ("irq of rx-", queue)
    case .cpu(let cpu): ("cpu", cpu)
    case .whole, .interrupt: nil
    }
  }

  package var description: String {
    if case .interrupt(let name) = self { return "irq \(name)" }
    return numbered.map { "\($0.stem)\($0.number)" } ?? ""
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
    let (kind, value): (String, String) =
      switch part {
      case .whole: (device == nil ? "host" : "device", "")
      case .queue(let direction, let index): (direction.rawValue, "\(index)")
      case .napi(let rank): ("napi", "\(rank)")
      case .napiID(let id): ("napi-id", "\(id)")
      case .interrupt(let name): ("irq", name)
      case .irq(let number): ("irq-number", "\(number)")
      case .vector(let queue): ("vector", "\(queue)")
      case .cpu(let cpu): ("cpu", "\(cpu)")
      }
    return [kind] + (device.map { [$0] } ?? []) + (part == .whole ? [] : [value])
  }

  package init?(words: [String]) {
    guard let kind = words.first, let value = words.last else { return nil }
    switch (kind, words.count) {
    case ("host", 1): self = .host
    case ("device", 2): self = .device(value)
    case ("irq", 3): self = .interrupt(device: words[1], name: value)
    case ("cpu", 2), (_, 3):
      guard let number = Int(value), number >= 0 else { return nil }
      let part: Part
      switch kind {
      case "cpu" where words.count == 2: part = .cpu(number)
      case "napi": part = .napi(rank: number)
      case "vector": part = .vector(number)
      default:
        guard let direction = Direction(rawValue: kind) else { return nil }
        part = .queue(direction, number)
      }
      self.init(part, of: words.count == 3 ? words[1] : nil)
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

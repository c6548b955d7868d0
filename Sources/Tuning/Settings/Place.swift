package import Knobs
package import ReceivePath

/// Where a value is kept, in a spelling that outlives what drivers make anew.
///
/// A NAPI instance gets a new id and an interrupt a new number when its queue is reopened; a
/// record of what was there before must find them again all the same. So a NAPI instance is
/// known by its rank among the device's (ids are handed out in the order of the queues), and an
/// interrupt by the name that its driver requested it under.
package enum Place: Hashable, Sendable {
  case host
  case device(String)
  case queue(device: String, Target.Direction, Int)
  /// The n-th NAPI instance of the device, by ascending id.
  case napi(device: String, rank: Int)
  /// The interrupt of the device whose action has that name: "eth0-TxRx-3".
  case interrupt(device: String, name: String)
  /// The interrupt of a receive queue, whatever it will be called once the queue is there.
  case vector(device: String, queue: Int)
  case cpu(Int)

  package var device: String? {
    switch self {
    case .host, .cpu: nil
    case .device(let device), .queue(let device, _, _), .napi(let device, _),
      .interrupt(let device, _), .vector(let device, _):
      device
    }
  }
}

extension Place: CustomStringConvertible {
  /// As a person reads it: "eth0 rx-3".
  package var description: String {
    switch self {
    case .host: "host"
    case .device(let device): device
    case .queue(let device, let direction, let index): "\(device) \(direction.rawValue)-\(index)"
    case .napi(let device, let rank): "\(device) napi \(rank)"
    case .interrupt(let device, let name): "\(device) irq \(name)"
    case .vector(let device, let queue): "\(device) irq of rx-\(queue)"
    case .cpu(let cpu): "cpu\(cpu)"
    }
  }
}

extension Place {
  package func name(for knob: Knob) -> String {
    self == .host && knob.scope == .namespace ? "netns" : description
  }

  /// Several places of one device: "eth0 rx-0 to rx-3, tx-1".
  static func named(_ places: [Place]) -> String {
    func queues(_ direction: Target.Direction) -> [Int] {
      places.compactMap { if case .queue(_, direction, let index) = $0 { index } else { nil } }
    }
    var parts = [Target.Direction.rx, .tx].map { $0.names(queues($0)) }
    let ranks = places.compactMap { if case .napi(_, let rank) = $0 { rank } else { nil } }
    parts.append(ranks.isEmpty ? "" : "napi \(CPUSet(ranks).list)")
    let device = places.first?.device
    parts += places.compactMap { place in
      switch place {
      case .queue, .napi, .device: return nil
      default:
        let text = place.description
        return device.map { String(text.dropFirst($0.count + 1)) } ?? text
      }
    }
    return ((device.map { [$0] } ?? []) + [parts.filter { !$0.isEmpty }.joined(separator: ", ")])
      .filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension Target.Direction {
  /// "rx-0 to rx-3, rx-7".
  package func names(_ queues: [Int]) -> String {
    CPUSet(queues).list.split(separator: ",").map { run in
      run.split(separator: "-").map { "\(rawValue)-\($0)" }.joined(separator: " to ")
    }.joined(separator: ", ")
  }
}

// MARK: - On paper

extension Place {
  /// Words of the journal; `init(words:)` reads them back.
  package var words: [String] {
    switch self {
    case .host: ["host"]
    case .device(let device): ["device", device]
    case .queue(let device, let direction, let index): [direction.rawValue, device, "\(index)"]
    case .napi(let device, let rank): ["napi", device, "\(rank)"]
    case .interrupt(let device, let name): ["irq", device, name]
    case .vector(let device, let queue): ["vector", device, "\(queue)"]
    case .cpu(let cpu): ["cpu", "\(cpu)"]
    }
  }

  package init?(words: [String]) {
    func number(_ index: Int) -> Int? {
      guard words.indices.contains(index), let number = Int(words[index]), number >= 0 else {
        return nil
      }
      return number
    }
    switch (words.first, words.count) {
    case ("host", 1): self = .host
    case ("device", 2): self = .device(words[1])
    case ("irq", 3): self = .interrupt(device: words[1], name: words[2])
    case ("cpu", 2):
      guard let cpu = number(1) else { return nil }
      self = .cpu(cpu)
    case (let kind?, 3):
      guard let index = number(2) else { return nil }
      switch kind {
      case "napi": self = .napi(device: words[1], rank: index)
      case "vector": self = .vector(device: words[1], queue: index)
      default:
        guard let direction = Target.Direction(rawValue: kind) else { return nil }
        self = .queue(device: words[1], direction, index)
      }
    default: return nil
    }
  }
}

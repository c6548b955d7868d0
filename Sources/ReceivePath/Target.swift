package import Knobs

/// What one value of a knob belongs to.
package enum Target: Hashable, Sendable, CustomStringConvertible {
  package enum Direction: String, Sendable, Hashable { case rx, tx }

  case host
  case device(String)
  case queue(device: String, Direction, Int)
  case napi(device: String, id: UInt32)
  case irq(Int)
  case cpu(Int)

  /// "rx-3", "napi-261", "irq-39", "cpu2", behind the device where there is one.
  package var description: String {
    switch self {
    case .host: "host"
    case .device(let name): name
    case .queue(let device, let direction, let index): "\(device) \(direction.rawValue)-\(index)"
    case .napi(let device, let id): "\(device) napi-\(id)"
    case .irq(let number): "irq-\(number)"
    case .cpu(let number): "cpu\(number)"
    }
  }

  /// The same of a knob's value: what the host has for each network namespace is "netns".
  package func name(for knob: Knob) -> String {
    self == .host && knob.scope == .namespace ? "netns" : description
  }

  /// The device that it is part of.
  package var device: String? {
    switch self {
    case .device(let name), .queue(let name, _, _), .napi(let name, _): name
    case .host, .irq, .cpu: nil
    }
  }
}

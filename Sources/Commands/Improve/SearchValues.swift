import Glibc
import KernelIO
import Knobs
import ReceivePath
import Tuning

/// Values of a knob that are worth a trial, where nobody named any.
struct SearchValues {
  let all: [String]

  /// - Parameter settings: nil where the device is not there yet.
  init(_ knob: Knob, on settings: HostSettings?, _ devices: [String]) {
    let policies = Policy.suiting(knob).map(\.name)
    switch knob.form {
    case .flag: all = ["on", "off"]
    case .word: if case .oneOf(let words) = knob.range { all = words } else { all = [] }
    case .number:
      let (now, bounds) = Self.state(knob, settings, devices)
      all = policies + Self.spread(knob.range, now, bounds).map(String.init)
    default: all = policies
    }
  }

  private static func state(
    _ knob: Knob, _ settings: HostSettings?, _ devices: [String]
  ) -> (Int64?, Bounds) {
    guard let settings, let place = try? settings.places(of: knob, on: devices.first).first else {
      return (nil, Bounds())
    }
    let bounds = (try? settings.bounds(of: knob, at: place)) ?? Bounds()
    guard case .number(let now)? = try? settings.read(knob, at: place) else { return (nil, bounds) }
    return (now, bounds)
  }

  /// Logarithmically spaced between the least and the most that there can be, or around what it is now.
  static func spread(_ range: Knob.Range, _ now: Int64?, _ bounds: Bounds) -> [Int64] {
    var low: Int64 = 0
    var high = bounds.maximum
    switch range {
    case .between(let least, let most): (low, high) = (least, min(most, bounds.maximum ?? most))
    case .reported(let least): low = least
    case .any, .oneOf, .existing: break
    }
    low = max(low, bounds.minimum ?? low)
    if let now, now > 0 {
      // Of what has no bound worth the name, four and sixteen times what it is, either way.
      let (most, isOver) = now.multipliedReportingOverflow(by: 16)
      high = min(high ?? .max, isOver ? .max : most)
      low = max(low, now / 16)
    }
    guard let high, high > low else { return [] }
    var values: [Int64] = low == 0 ? [0] : []
    var value = max(low, 1)
    let steps = 4.0
    let factor = max(2, pow(Double(high) / Double(value), 1 / steps))
    while value < high {
      values.append(value)
      let next = Double(value) * factor
      // One that is all but the most is not worth a trial of its own.
      guard next * 1.5 < Double(high) else { break }
      value = max(value &+ 1, Int64(next))
    }
    values.append(high)
    return values.filter { $0 != now }
  }
}

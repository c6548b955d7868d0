import KernelIO
import Knobs
import ReceivePath

/// Turns what is there now into a profile.
package struct ProfileWriter {
  private let settings: any Settings
  private let device: String

  package init(_ settings: any Settings, device: String) {
    self.settings = settings
    self.device = device
  }

  /// The profile as YAML: every writable value of the device that can be read and that a profile
  /// can address.
  package func text(name: String, summary: String) -> String {
    var lines = [
      "# What rxtune found on \(device); delete lines at will, or replace values by policies.",
      "name: \(Self.quoted(name))", "summary: \(Self.quoted(summary))", "settings:",
    ]
    for knob in Knob.catalogue where knob.isWritable && knob.isOfDevice {
      lines += self.lines(knob)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(_ knob: Knob) -> [String] {
    var values: [(part: Place.Part?, value: KnobValue)] = []
    do throws(KernelError) {
      for (place, part) in try places(knob) {
        if try settings.bounds(of: knob, at: place).isFixed { return [] }
        values.append((part, try settings.read(knob, at: place)))
      }
    } catch {
      // What the device does not have is not in its profile.
      return []
    }
    guard let first = values.first, isWorthSaving(knob, first.value) else { return [] }
    if values.allSatisfy({ $0.value == first.value }) {
      return ["  \(knob.id): \(Self.quoted(text(first.value)))"]
    }
    guard values.allSatisfy({ $0.part != nil }) else {
      return ["  # \(knob.id) differs between NAPI instances, which have no lasting names"]
    }
    return ["  \(knob.id):"]
      + values.map {
        "    \($0.part?.description ?? ""): \(Self.quoted(text($0.value)))"
      }
  }

  private func places(
    _ knob: Knob
  ) throws(KernelError) -> [(place: Place, part: Place.Part?)] {
    if knob.scope == .irq {
      // By the queue that the interrupt serves: its number and its name change.
      var found: [(place: Place, part: Place.Part?)] = []
      for place in try settings.places(of: .rpsCPUs, on: device) {
        guard case .queue(_, let queue) = place.part,
          let interrupt = try? settings.resolved(.vector(device: device, queue: queue))
        else { continue }
        found.append((interrupt, place.part))
      }
      return found
    }
    return try settings.places(of: knob, on: device).map { place in
      if case .queue = place.part { (place, place.part) } else { (place, nil) }
    }
  }

  /// A key is a secret of its host, and a driver's own table follows the number of queues.
  private func isWorthSaving(_ knob: Knob, _ value: KnobValue) -> Bool {
    switch value {
    case .key, .privateFlags: false
    case .rules(let table): !table.isEmpty
    case .contexts(let table): !table.isEmpty
    case .table: !settings.recorded(value, of: knob, at: .device(device)).givesTableBack
    default: true
    }
  }

  private func text(_ value: KnobValue) -> String {
    if case .contexts(let table) = value {
      table.withoutKeys.description
    } else {
      value.description
    }
  }

  /// A word as YAML reads it back: plain where that is safe.
  package static func quoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "/"):
        true
      default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: ",")
      }
    }
    if plain && !text.isEmpty && !text.hasPrefix("-") && !text.hasPrefix(" ")
      && !text.hasSuffix(" ")
    {
      return text
    }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "''") + "'"
  }
}

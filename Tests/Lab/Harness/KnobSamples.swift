import Foundation

/// For each writable knob that a device has, a value other than the one it has now.
struct KnobSamples {
  /// Lines KNOB|VALUE|SHOWN in groups that are set together, as the script `try-knobs` reads them;
  /// SHOWN is a pattern of how ethtool or a file shows the value, empty where that has a form of its
  /// own.
  let groups: [[String]]

  var count: Int { groups.reduce(0) { $0 + $1.count } }
  var text: String { groups.map { $0.joined(separator: "\n") + "\n\n" }.joined() }

  /// - Parameter readings: what `rxtune get '*' DEVICE --json` prints.
  /// - Parameter catalogue: what `rxtune knobs --json` prints.
  init(readings: String, catalogue: String, hostToo: Bool) throws {
    let catalogue = try JSONDecoder().decode(Document.self, from: Data(catalogue.utf8))
    let writable = Dictionary(
      catalogue.knobs.filter { $0.writable == true }.map { ($0.id, $0) },
      uniquingKeysWith: { first, _ in first })
    let readings = try JSONDecoder().decode(Document.self, from: Data(readings.utf8))
    let samples = readings.knobs.compactMap { knob -> (line: String, isAlone: Bool)? in
      guard let known = writable[knob.id],
        hostToo || !["host", "netns"].contains(knob.scope),
        // These have suites of their own.
        knob.id != "flow-rules" && knob.id != "rss.contexts",
        let reading = knob.values?.last(where: { $0.value != nil && $0.fixed != true })
      else { return nil }
      // What makes a driver set itself up anew is watched alone.
      let isAlone = known.invalidates?.contains { Self.setUpAnew.contains($0) } ?? false
      return Self.sample(knob.id, reading, known).map { ($0, isAlone) }
    }
    let together = samples.filter { !$0.isAlone }.map(\.line)
    // Neighbours in the catalogue, which may depend on each other, are dealt to different groups.
    let count = (together.count + Self.size - 1) / Self.size
    groups =
      samples.filter(\.isAlone).map { [$0.line] }
      + (0..<count).map { first in
        stride(from: first, to: together.count, by: count).map { together[$0] }
      }
  }

  private static let size = 10
  private static let setUpAnew = ["irq.smp-affinity", "rings."]

  private static func sample(_ id: String, _ reading: Reading, _ knob: Entry) -> String? {
    switch reading.value {
    case .flag(let isOn):
      return "\(id)|\(isOn ? "off" : "on")|\(isOn ? "off|0" : "on|1")"
    case .number(let now):
      // Below 10 µs, igb and e1000e take 0, 1 and 3 only, which name modes.
      let value =
        id.hasSuffix("-usecs")
        ? (now == 20 ? 40 : 20)
        : other(
          than: now, from: reading.minimum ?? knob.minimum ?? 0,
          to: reading.maximum ?? knob.maximum ?? .max)
      return "\(id)|\(value)|\(value)"
    case .list(let members):
      // CPU 1 alone, or queue 1: 2 as a mask.
      return members == [1] ? "\(id)|0|0|0*1" : "\(id)|1|1|0*2"
    case .text(let now): return "\(id)|\(other(than: now, of: id))|"
    case nil: return nil
    }
  }

  private static func other(than now: Int64, from minimum: Int64, to maximum: Int64) -> Int64 {
    if now == 0 { return min(64, maximum) }
    return now <= maximum / 2 ? now * 2 : max(minimum, now / 2)
  }

  private static func other(than now: String, of id: String) -> String {
    switch id {
    case "rss.indirection": return now == "equal 2" ? "equal 1" : "equal 2"
    case "rss.hash-function": return now == "xor" ? "toeplitz" : "xor"
    case "rss.input-xfrm": return now == "none" ? "symmetric-xor" : "none"
    case "rss.hash-fields": return now.contains("udp4:sdfn") ? "udp4:sd" : "udp4:sdfn"
    case "net.core.default_qdisc": return "pfifo_fast"
    case "private-flags":
      let flag = now.prefix { $0 != "," }
      return flag.hasPrefix("-") ? String(flag.dropFirst()) : "-" + flag
    default: break
    }
    let numbers = now.split(separator: " ").compactMap { Int64($0) }
    if numbers.count > 1 { return numbers.map { String($0 * 2) }.joined(separator: " ") }
    // A key: its bytes the other way round.
    return now.split(separator: ":").reversed().joined(separator: ":")
  }

  private struct Document: Decodable { var knobs: [Entry] }

  private struct Entry: Decodable {
    var id: String
    var scope: String
    var writable: Bool?
    var minimum: Int64?
    var maximum: Int64?
    var invalidates: [String]?
    var values: [Reading]?

    enum CodingKeys: CodingKey {
      case id, scope, writable, minimum, maximum, invalidates, values
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      id = try container.decode(String.self, forKey: .id)
      scope = try container.decode(String.self, forKey: .scope)
      writable = try container.decodeIfPresent(Bool.self, forKey: .writable)
      // Some limits are beyond what a number here can hold: as good as none.
      minimum = try? container.decodeIfPresent(Int64.self, forKey: .minimum)
      maximum = try? container.decodeIfPresent(Int64.self, forKey: .maximum)
      invalidates = try container.decodeIfPresent([String].self, forKey: .invalidates)
      values = try container.decodeIfPresent([Reading].self, forKey: .values)
    }
  }

  private struct Reading: Decodable {
    var value: Value?
    var minimum: Int64?
    var maximum: Int64?
    var fixed: Bool?
  }

  private enum Value: Decodable {
    case flag(Bool)
    case number(Int64)
    case list([Int])
    case text(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let flag = try? value.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? value.decode(Int64.self) {
        self = .number(number)
      } else if let list = try? value.decode([Int].self) {
        self = .list(list)
      } else {
        self = .text(try value.decode(String.self))
      }
    }
  }
}

package import Knobs
package import ReceivePath

/// How single values read in tables and sentences.
package enum Words {
  /// The value, or the word for why there is none.
  package static func of<Value>(_ reading: Reading<Value>, _ text: (Value) -> String) -> String {
    switch reading {
    case .value(let value): text(value)
    case .absent(let absence): absence.reason.words
    }
  }

  /// The same where a join ended before there was anything to read: nil, shown as "–".
  package static func ofJoined<Value>(
    _ reading: Reading<Value>?, _ text: (Value) -> String
  ) -> String? {
    reading.map { of($0, text) }
  }

  package static func onOff(_ value: Bool) -> String { value ? "on" : "off" }

  package static func cpus(_ set: CPUSet) -> String { set.isEmpty ? "none" : set.list }

  /// "12.5%", "100%".
  package static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths % 10)%"
  }

  /// "3", "0.4", "12.5", "1234": a number as short as it tells something.
  package static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    let whole = Int64(value.rounded())
    if abs(value) >= 100 || Double(whole) == value { return "\(whole)" }
    let tenths = Int64((value * 10).rounded())
    return tenths % 10 == 0
      ? "\(tenths / 10)"
      : "\(value < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }

  /// A command to be pasted: arguments that the shell would take apart are quoted.
  package static func shell(_ arguments: [String]) -> String {
    arguments.map { argument in
      let isPlain =
        !argument.isEmpty
        && argument.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
            || (0x61...0x7a).contains(byte) || "-_./:=,@+%".utf8.contains(byte)
        }
      return isPlain
        ? argument
        : "'"
          + argument.split(
            separator: "'", omittingEmptySubsequences: false
          ).joined(separator: "'\\''") + "'"
    }.joined(separator: " ")
  }

  /// "0-3" for consecutive numbers, as CPU lists are written.
  package static func ranges(_ numbers: some Sequence<UInt32>) -> String {
    CPUSet(numbers.map { Int($0) }).list
  }

  /// "queue 3", "queues 0-3".
  static func queues(_ numbers: [UInt32]) -> String {
    let ranges = ranges(numbers)
    return (ranges.utf8.allSatisfy { $0 >= 0x30 } ? "queue " : "queues ") + ranges
  }

  /// "10 Gbit/s", "2.5 Gbit/s", "100 Mbit/s".
  package static func speed(_ megabits: UInt32) -> String {
    guard megabits >= 1000 else { return "\(megabits) Mbit/s" }
    let rest = megabits % 1000 / 100
    return rest == 0 ? "\(megabits / 1000) Gbit/s" : "\(megabits / 1000).\(rest) Gbit/s"
  }
}

import Glibc

/// A moment, in whole seconds since 1970 (UTC).
package struct TimeStamp: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var seconds: Int64

  package init(seconds: Int64) { self.seconds = seconds }

  package static func now() -> TimeStamp {
    TimeStamp(seconds: Int64(time(nil)))
  }

  package static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }

  /// "2026-11-23T15:11:26Z" (ISO 8601).
  package var description: String {
    let (date, clock) = fields
    return "\(date.map(Self.padded).joined(separator: "-"))T"
      + clock.map(Self.padded).joined(separator: ":") + "Z"
  }

  /// "2026-11-23 15:11", UTC: for people.
  package var minute: String {
    let (date, clock) = fields
    return date.map(Self.padded).joined(separator: "-") + " "
      + clock.prefix(2).map(Self.padded).joined(separator: ":")
  }

  /// "20261123-151126": sorts as time does.
  package var compact: String {
    let (date, clock) = fields
    return date.map(Self.padded).joined() + "-" + clock.map(Self.padded).joined()
  }

  /// {year, month, day} and {hour, minute, second}, by the proleptic Gregorian calendar.
  private var fields: (date: [Int64], clock: [Int64]) {
    // Years are counted from March, so that the leap day is the last of its year; day 0 is
    // 0000-03-01, and 400 years have 146,097 days.
    let clamped = min(max(seconds, 0), 253_402_300_799)
    let days = clamped / 86_400 + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let date = [
      year + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9,
      dayOfYear - (153 * month + 2) / 5 + 1,
    ]
    let rest = clamped % 86_400
    return (date, [rest / 3_600, rest / 60 % 60, rest % 60])
  }

  private static func padded(_ number: Int64) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}

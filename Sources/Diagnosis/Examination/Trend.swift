import Live
import ReceivePath

/// What a counter did between two snapshots.
package enum Trend: Hashable, Sendable {
  case grew(Rate)
  /// Nothing in the interval; the total is what it counted before.
  case still(total: UInt64)
  /// There are no rates, for the reason; the total is all that is known.
  case total(UInt64, String)
  /// It is not there, or went back: the reason.
  case unknown(String)

  package struct Rate: Hashable, Sendable {
    package var count: UInt64
    package var perSecond: Double
    /// What it counted since boot, or since the device was made.
    package var total: UInt64
  }

  package var rate: Rate? { if case .grew(let rate) = self { rate } else { nil } }

  /// 0 where it did not grow; nil where that is not known.
  package var perSecond: Double? {
    switch self {
    case .grew(let rate): rate.perSecond
    case .still: 0
    case .total, .unknown: nil
    }
  }
}

extension Examination {
  package func trend(of name: String, from earlier: UInt64?, to now: UInt64?) -> Trend {
    trend(of: name, earlier, now, Growth.of(now, since: earlier))
  }

  /// Of 32 bits, which wrap.
  package func trend(of name: String, from earlier: UInt32?, to now: UInt32?) -> Trend {
    trend(
      of: name, earlier.map(UInt64.init), now.map(UInt64.init),
      Growth.of(now, since: earlier))
  }

  private func trend(
    of name: String, _ earlier: UInt64?, _ total: UInt64?, _ growth: UInt64?
  ) -> Trend {
    guard let total else { return .unknown("\(name) is not counted here") }
    guard let interval else { return .total(total, withoutRates ?? "it takes two snapshots") }
    guard earlier != nil else { return .unknown("\(name) is not in the first snapshot") }
    guard let growth else {
      return .unknown("\(name) went back: it was reset between the snapshots")
    }
    guard growth > 0 else { return .still(total: total) }
    return .grew(Trend.Rate(count: growth, perSecond: Double(growth) / interval, total: total))
  }

  /// A counter of the protocols, by nstat's name.
  package func trend(ofCounter name: String) -> Trend {
    if let absence = now.readings?.counters.absence {
      return .unknown("the protocol counters are \(absence.reason.words)")
    }
    return trend(
      of: name, from: earlier?.readings?.counters.value?[name],
      to: now.readings?.counters.value?[name])
  }

  /// "12 since boot (3 days), none in the last 10 s", where a counter stands still or no rate is
  /// known; none where it is 0.
  package func note(_ trend: Trend, _ name: String, at subject: Diagnosis.Subject) -> [Diagnosis
    .Verdict]
  {
    switch trend {
    case .still(let total) where total > 0:
      let interval = interval.map { ", none in the last \(Self.seconds($0))" } ?? ""
      return [.note(Note(at: subject, "\(name): \(total) since boot\(uptime)\(interval)."))]
    case .total(let total, _) where total > 0:
      return [.note(Note(at: subject, "\(name): \(total) since boot\(uptime)."))]
    default: return []
    }
  }

  private var uptime: String {
    (now.readings?.uptime.value).map { " (up \(Self.days($0)))" } ?? ""
  }

  /// A number to be read; one that is no number, or larger than any that means something, is cut.
  package static func whole(_ number: Double) -> Int {
    number.isNaN ? 0 : Int(min(max(number, -1e15), 1e15).rounded())
  }

  /// "10 s", "1.5 s".
  package static func seconds(_ seconds: Double) -> String {
    let tenths = Int(clamping: Int64((min(seconds, 1e9) * 10).rounded()))
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }

  private static func days(_ seconds: Double) -> String {
    let minutes = Int64(min(seconds, 1e12) / 60)
    switch minutes {
    case ..<120: return "\(minutes) min"
    case ..<(48 * 60): return "\(minutes / 60) h"
    default: return "\(minutes / 60 / 24) days"
    }
  }
}

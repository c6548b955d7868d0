import Live
import Scaling

/// One of the tables of `rxtune top`: its columns, and the rows that it makes of rates. A view is a
/// file beside this one, and its name in `all`.
package struct TopView: Sendable {
  package var name: String
  /// What the rows are, in the plural: "queues".
  var subject: String
  package var columns: [Column]
  /// The column that it is sorted by at first.
  package var sortColumn: Int
  /// What it says where there are no rows.
  var empty: String
  var rows: @Sendable (Rates) -> [Row]

  package static let all: [TopView] = [queues, cpus, sockets, drops]

  package struct Column: Sendable {
    package var title: String
    var isNumber: Bool
    /// Of those that do not fit, the lowest goes first.
    var rank: Int
    /// At least; columns that keep their width spare the terminal redraws.
    var width: Int

    static func text(_ title: String, rank: Int, width: Int = 0) -> Column {
      Column(title: title, isNumber: false, rank: rank, width: width)
    }

    static func number(_ title: String, rank: Int, width: Int = 0) -> Column {
      Column(title: title, isNumber: true, rank: rank, width: width)
    }
  }

  struct Row: Sendable {
    var cells: [Cell]
    /// It is known that nothing happened to it.
    var isIdle: Bool
    /// nil: of no device.
    var device: String?
    /// Its number among those of its device (or of the host): idle ones are told as ranges.
    var number: Int?
  }

  struct Cell: Sendable {
    enum Level: Sendable { case normal, warning, alert }

    /// nil is absent, "–".
    var text: String?
    var order: Double?
    var level = Level.normal

    static func text(_ text: String?) -> Cell { Cell(text: text.map(Terminal.printable)) }

    static func count(_ number: Int?) -> Cell {
      Cell(text: number.map(String.init), order: number.map(Double.init))
    }

    /// Something a second, or another figure.
    static func rate(_ value: Double?, _ level: Level = .normal) -> Cell {
      Cell(text: value.map(RateText.rate), order: value, level: level)
    }

    /// Something that should not happen at all.
    static func loss(_ value: Double?, _ level: Level = .alert) -> Cell {
      rate(value, (value ?? 0) > 0 ? level : .normal)
    }

    /// A share, 0…1, that is remarkable from `warning` on.
    static func share(_ value: Double?, warning: Double = 2, alert: Double = 2) -> Cell {
      let level: Level =
        (value ?? 0) >= alert ? .alert : (value ?? 0) >= warning ? .warning : .normal
      return Cell(text: value.map(Words.percent), order: value, level: level)
    }
  }

  /// By a column, the largest numbers first and words by the alphabet; what is absent comes last
  /// either way.
  func sorted(_ rows: [Row], by column: Int, isReversed: Bool) -> [Row] {
    guard columns.indices.contains(column) else { return rows }
    let isNumber = columns[column].isNumber
    func isBefore(_ left: Cell, _ right: Cell) -> Bool? {
      if isNumber {
        switch (left.order, right.order) {
        case (nil, nil): return nil
        case (nil, _): return false
        case (_, nil): return true
        case (let one?, let other?): return one == other ? nil : (one > other) != isReversed
        }
      }
      switch (left.text, right.text) {
      case (nil, nil): return nil
      case (nil, _): return false
      case (_, nil): return true
      case (let one?, let other?): return one == other ? nil : (one < other) != isReversed
      }
    }
    return rows.enumerated().sorted { left, right in
      isBefore(left.element.cells[column], right.element.cells[column])
        ?? (left.offset < right.offset)
    }.map(\.element)
  }
}

/// How figures of a moment read.
enum RateText {
  /// "0", "3.2", "48211", "1.34M".
  static func rate(_ value: Double) -> String {
    guard value.isFinite, value >= 0 else { return "?" }
    if value == 0 { return "0" }
    if value < 9.95 { return Format.fixed(value, 1) }
    if value < 999_999.5 { return "\(Int(value.rounded()))" }
    for (factor, unit) in [(1e6, "M"), (1e9, "G")] where value < factor * 1000 {
      return Format.fixed(value / factor, 2) + unit
    }
    return Format.fixed(min(value / 1e12, 1e6), 2) + "T"
  }

  /// Bytes a second, as bits: "9.41 Gbit/s".
  static func bits(_ bytes: Double) -> String {
    let bits = bytes * 8
    guard bits.isFinite, bits >= 0 else { return "?" }
    for (factor, unit) in [(1.0, "bit/s"), (1e3, "kbit/s"), (1e6, "Mbit/s")]
    where bits < factor * 1000 {
      return "\(Format.fixed(bits / factor, bits == 0 ? 0 : 1)) \(unit)"
    }
    return "\(Format.fixed(min(bits / 1e9, 1e6), 2)) Gbit/s"
  }
}

import ArgumentParser

/// A time as options take it: 5, 5s, 250ms, 1.5m. A bare number is seconds.
struct Span: Equatable, CustomStringConvertible {
  private var nanoseconds: Int64

  var milliseconds: Int64 { nanoseconds / 1_000_000 }
  var seconds: Double { Double(nanoseconds) / 1e9 }

  init(milliseconds: Int64) { nanoseconds = milliseconds * 1_000_000 }

  private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The shortest first, each under the name that `description` gives it.
  private static let units: [(names: [String], nanoseconds: Int64)] = [
    (["us", "µs"], 1_000), (["ms"], 1_000_000), (["s", "sec", ""], 1_000_000_000),
    (["m", "min"], 60_000_000_000), (["h"], 3_600_000_000_000), (["d"], 86_400_000_000_000),
  ]
  /// A year, in nanoseconds.
  private static let longest = 365 * 86_400 * 1e9

  /// - Throws: `ValidationError` that says what is taken.
  @Sendable static func parse(_ text: String) throws -> Span {
    guard let (number, name) = Quantity.parts(text),
      let unit = units.first(where: { $0.names.contains(name) })
    else {
      throw ValidationError("use a time such as 5s, 250ms, 2m or 1h; a bare number is seconds")
    }
    let nanoseconds = (number * Double(unit.nanoseconds)).rounded()
    guard nanoseconds <= longest else { throw ValidationError("use a time up to 365d") }
    return Span(nanoseconds: Int64(nanoseconds))
  }

  /// In the longest unit that it is a whole number of.
  var description: String {
    guard nanoseconds > 0 else { return "0s" }
    let unit = Self.units.last { nanoseconds.isMultiple(of: $0.nanoseconds) }
    guard let unit, let name = unit.names.first else { return "\(seconds)s" }
    return "\(nanoseconds / unit.nanoseconds)\(name)"
  }
}

/// Numbers with a unit behind them, as options take them.
enum Quantity {
  /// Transactions a second: 800, 10k, 1.5M.
  ///
  /// - Throws: `ValidationError` that says what is taken.
  @Sendable static func rate(_ text: String) throws -> Double {
    let factors = ["": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9]
    guard let (number, unit) = parts(text), let factor = factors[unit] else {
      throw ValidationError("use a rate such as 800, 10k or 1.5M")
    }
    return number * factor
  }

  /// Bytes: 64, 16k; k is 1024, as for iperf3.
  ///
  /// - Throws: `ValidationError` that says what is taken.
  @Sendable static func size(_ text: String) throws -> Int {
    let factors = ["": 1, "k": 1 << 10, "K": 1 << 10, "KiB": 1 << 10, "M": 1 << 20, "MiB": 1 << 20]
    guard let (number, unit) = parts(text), let factor = factors[unit],
      let bytes = Int(exactly: number * Double(factor))
    else { throw ValidationError("use a size in bytes such as 64, 16k (of 1024 bytes) or 1M") }
    return bytes
  }

  /// The number, which is finite and not below 0, and the unit behind it; nil where there is none.
  static func parts(_ text: String) -> (number: Double, unit: String)? {
    func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
    guard let first = text.first, isDigit(first) || first == ".",
      let end = text.lastIndex(where: { isDigit($0) || $0 == "." })
    else { return nil }
    let digits = text[...end]
    // Not "0x10".
    guard digits.allSatisfy({ isDigit($0) || ".eE+-".contains($0) }),
      let number = Double(digits), number.isFinite
    else { return nil }
    return (number, String(text[text.index(after: end)...]))
  }
}

// Of what a closure reads ArgumentParser shows no default: it is part of the help here.
extension Option where Value == Span {
  init(
    wrappedValue: Span, name: NameSpecification = .long, time abstract: String
  ) {
    self.init(
      wrappedValue: wrappedValue, name: name,
      help: ArgumentHelp("\(abstract) (default: \(wrappedValue))", valueName: "time"),
      transform: Span.parse)
  }
}

extension Option where Value == Span? {
  init(name: NameSpecification = .long, time abstract: String) {
    self.init(
      name: name,
      help: ArgumentHelp(.init(stringLiteral: abstract), valueName: "time"),
      transform: Span.parse)
  }
}

extension Option where Value == Double? {
  init(rate abstract: String) {
    self.init(
      help: ArgumentHelp(.init(stringLiteral: abstract), valueName: "rate"),
      transform: Quantity.rate)
  }
}

extension Option where Value == Int {
  init(wrappedValue: Int, size abstract: String) {
    self.init(
      wrappedValue: wrappedValue,
      help: ArgumentHelp("\(abstract) (default: \(wrappedValue))", valueName: "bytes"),
      transform: Quantity.size)
  }
}

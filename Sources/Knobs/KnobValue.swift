/// A knob's value, read or wanted.
package enum KnobValue: Hashable, Sendable {
  case number(Int64)
  case flag(Bool)
  /// Numbers of CPUs; of receive queues or idle states where the knob's unit says so.
  case cpus(CPUSet)
  /// Words, or several numbers with one space between them.
  case text(String)

  /// As a person reads and types it.
  package var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .flag(let on): on ? "on" : "off"
    case .cpus(let cpus): cpus.isEmpty ? "none" : cpus.list
    case .text(let text): text
    }
  }
}

/// Why a text is no value of a knob.
package struct KnobValueError: Error, Hashable, CustomStringConvertible {
  package var knob: String
  package var text: String
  /// What was expected instead.
  package var problem: String

  package var description: String { "\(knob): \"\(text)\" \(problem)" }
}

extension KnobValue {
  /// Reads what a person typed.
  ///
  /// Sets are lists as "0-3,8" whatever the kernel's file wants, or "none"; flags are on or off;
  /// "max" is the largest that the device reports, or that the range has.
  ///
  /// - Parameters:
  ///   - maximum: what the device reports it can do at most.
  ///   - beyondRange: takes numbers that the kernel may take, but nobody should give it.
  package static func parse(
    _ text: String, for knob: Knob, maximum: Int64? = nil, beyondRange: Bool = false
  ) throws(KnobValueError) -> KnobValue {
    let trimmed = trim(text)
    func refuse(_ problem: String) -> KnobValueError {
      KnobValueError(knob: knob.id, text: text, problem: problem)
    }
    switch knob.form {
    case .flag:
      switch trimmed.lowercased() {
      case "on", "1", "true", "yes": return .flag(true)
      case "off", "0", "false", "no": return .flag(false)
      default: throw refuse("is neither on nor off")
      }
    case .set:
      if trimmed == "none" { return .cpus(CPUSet()) }
      do { return .cpus(try CPUSet.typed(trimmed)) } catch {
        throw refuse(error.problem(knob.unit == .cpus ? "CPUs" : knob.unit.rawValue))
      }
    case .number:
      if trimmed == "max" {
        guard let largest = maximum ?? knob.range.upperBound else {
          throw refuse("cannot be resolved: no maximum is known")
        }
        return .number(largest)
      }
      guard let number = integer(trimmed) else { throw refuse("is not \(expected(knob, maximum))") }
      guard beyondRange || isWithin(number, knob.range, maximum) else {
        throw refuse("is out of range: it takes \(expected(knob, maximum))")
      }
      return .number(number)
    case .numbers(let count):
      let parts = trimmed.split(whereSeparator: \.isWhitespace).map(String.init)
      let numbers = parts.compactMap(integer)
      guard numbers.count == parts.count, numbers.count == count else {
        throw refuse("is not \(count) numbers (\(knob.fields.joined(separator: ", ")))")
      }
      guard beyondRange || numbers.allSatisfy({ isWithin($0, knob.range, maximum) }) else {
        throw refuse("is out of range: each number takes \(expected(knob, maximum))")
      }
      guard numbers == numbers.sorted() else { throw refuse("does not ascend") }
      return .text(numbers.map(String.init).joined(separator: " "))
    case .text:
      guard !trimmed.isEmpty else { throw refuse("is empty") }
      guard trimmed.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
        throw refuse("holds a control character")
      }
      if case .oneOf(let words) = knob.range, !words.contains(trimmed) {
        throw refuse("is not one of \(words.joined(separator: ", "))")
      }
      return .text(trimmed)
    }
  }

  private static func trim(_ text: String) -> String {
    var text = text[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// Decimal digits only: a unit, a sign "+" or a "0x" is a slip, not a number.
  private static func integer(_ text: String) -> Int64? {
    guard !text.hasPrefix("+") else { return nil }
    return Int64(text)
  }

  private static func isWithin(_ number: Int64, _ range: Knob.Range, _ maximum: Int64?) -> Bool {
    if let maximum, number > maximum { return false }
    return switch range {
    case .between(let low, let high): (low...high).contains(number)
    case .reported(let minimum): number >= minimum
    case .any, .oneOf, .existing: true
    }
  }

  private static func expected(_ knob: Knob, _ maximum: Int64?) -> String {
    let unit = knob.unit == .number ? "" : " of \(knob.unit.rawValue)"
    return "a plain number\(unit), \(knob.range.text(maximum: maximum))"
  }
}

extension Knob.Range {
  package var upperBound: Int64? {
    if case .between(_, let high) = self { high } else { nil }
  }

  /// In words: "0 to 255".
  ///
  /// - Parameters minimum, maximum: what the device reports.
  package func text(minimum: Int64? = nil, maximum: Int64? = nil) -> String {
    switch self {
    case .between(let low, let high):
      "\(minimum ?? low) to \(maximum.map { min($0, high) } ?? high)"
    case .reported(let low):
      "\(minimum ?? low) to " + (maximum.map { "\($0)" } ?? "what the device reports")
    case .oneOf(let words): words.joined(separator: ", ")
    case .existing: "those that exist"
    case .any: "any"
    }
  }
}

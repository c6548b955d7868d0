/// A knob's value, read or wanted.
package enum KnobValue: Hashable, Sendable {
  case number(Int64)
  /// Several, as the knob's fields name them.
  case numbers([Int64])
  case flag(Bool)
  /// A feature that was asked for and is not so, as ethtool -k prints it: "off [requested on]". The
  /// kernel sets it as soon as nothing stands in its way.
  case requested(Bool)
  /// Numbers of CPUs; of receive queues or idle states where the knob's unit says so.
  case cpus(CPUSet)
  /// One of the words that the knob takes.
  case word(String)
  /// Anything else that has a name.
  case text(String)
  case table(IndirectionTable)
  case key(HashKey)
  case hashFields(FlowHash)
  case contexts(RSSContextTable)
  case rules(FlowRuleTable)
  case privateFlags(PrivateFlags)
  case profile(ModerationProfile)
  /// What a record has of another version's: it can be shown, and not written.
  case unread(String)

  /// As a person reads and types it.
  package var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .numbers(let numbers): numbers.map(String.init).joined(separator: " ")
    case .flag(let on): on ? "on" : "off"
    case .requested(let on): on ? "off [requested on]" : "on [requested off]"
    case .cpus(let cpus): cpus.isEmpty ? "none" : cpus.list
    case .word(let text), .text(let text), .unread(let text): text
    case .table(let table): table.description
    case .key(let key): key.description
    case .hashFields(let fields): fields.description
    case .contexts(let contexts): contexts.description
    case .rules(let rules): rules.description
    case .privateFlags(let flags): flags.description
    case .profile(let profile): profile.description
    }
  }
}

extension Knob {
  /// Whether a value is one of the knob's form: what is not comes of a mistake in the program, or
  /// out of another version's record.
  package func takes(_ value: KnobValue) -> Bool {
    switch (form, value) {
    case (.number, .number), (.flag, .flag), (.flag, .requested), (.set, .cpus), (.word, .word),
      (.text, .text), (.table, .table), (.key, .key), (.hashFields, .hashFields),
      (.contexts, .contexts), (.rules, .rules), (.privateFlags, .privateFlags),
      (.profile, .profile):
      true
    case (.numbers(let count), .numbers(let numbers)): numbers.count == count
    default: false
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
      return .numbers(numbers)
    default:
      guard !trimmed.isEmpty else { throw refuse("is empty") }
      guard trimmed.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
        throw refuse("holds a control character")
      }
      if case .oneOf(let words) = knob.range, !words.contains(trimmed) {
        throw refuse("is not one of \(words.joined(separator: ", "))")
      }
      return try words(trimmed, for: knob)
    }
  }

  /// Reads a value that is written in words, whatever the knob's range.
  private static func words(
    _ text: String, for knob: Knob
  ) throws(KnobValueError) -> KnobValue {
    func some(_ value: KnobValue?, else problem: String) throws(KnobValueError) -> KnobValue {
      guard let value else { throw KnobValueError(knob: knob.id, text: text, problem: problem) }
      return value
    }
    switch knob.form {
    case .table:
      return try some(
        IndirectionTable(text).map { .table($0) },
        else: "is not a table, as \"equal 4\", \"0*64,1*64\" or \"default\"")
    case .key:
      return try some(
        HashKey(text).map { .key($0) }, else: "is not a key: hex bytes, as \"6d:5a:56\"")
    case .hashFields:
      return try some(
        FlowHash(text).map { .hashFields($0) }, else: "names no fields, as \"udp4:sdfn\"")
    case .privateFlags:
      return try some(
        PrivateFlags(text).map { .privateFlags($0) },
        else: "is not a list of flags, as \"this,-that\""
      )
    case .profile:
      return try some(
        ModerationProfile(text).map { .profile($0) },
        else: "is not a profile: three numbers a step, as \"1,256,n_8,256,n\"")
    case .contexts:
      do throws(RSSContextError) { return .contexts(try RSSContextTable(text)) } catch {
        return try some(nil, else: "is not a list of contexts: \(error)")
      }
    case .rules:
      do throws(FlowRuleError) { return .rules(try FlowRuleTable(text)) } catch {
        return try some(nil, else: "is not a list of rules: \(error)")
      }
    case .word: return .word(text)
    default: return .text(text)
    }
  }

  /// Reads `description` back, as a record has it of a value in words: within the knob's range or
  /// not, and with what only a record has. nil where the knob has no such value.
  package init?(recorded text: String, for knob: Knob) {
    let value: KnobValue? =
      switch knob.form {
      case .number, .set: nil
      case .flag: [.requested(true), .requested(false)].first { $0.description == text }
      case .numbers: .numbers(text.split(separator: " ").compactMap { Int64($0) })
      case .contexts: (try? RSSContextTable(recorded: text)).map { .contexts($0) }
      case .rules: (try? FlowRuleTable(recorded: text)).map { .rules($0) }
      default: try? Self.words(text, for: knob)
      }
    guard let value, knob.takes(value) else { return nil }
    self = value
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
      "\(minimum ?? low) to " + (maximum.map { "\($0)" } ?? "the device's maximum")
    case .oneOf(let words): words.joined(separator: ", ")
    case .existing: "those that exist"
    case .any: "any"
    }
  }
}

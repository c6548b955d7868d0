/// Reads Prometheus' text format 0.0.4 by its description (prometheus.io, "Exposition formats"), and
/// knows nothing of what writes it: strict where the collector is, and where a person would look twice.
struct Exposition {
  struct Sample: Equatable {
    var labels: [String: String]
    var value: Double
  }

  struct Family {
    var name: String
    var help: String
    var type: String
    var samples: [Sample] = []
  }

  struct Malformed: Error, Equatable {
    var line: Int
    var reason: String
  }

  private(set) var families: [Family] = []

  subscript(name: String) -> [Sample] { families.first { $0.name == name }?.samples ?? [] }

  var count: Int { families.reduce(0) { $0 + $1.samples.count } }

  init(_ text: String) throws(Malformed) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.removeLast().isEmpty else {
      throw Malformed(line: lines.count + 1, reason: "no line feed at the end")
    }
    for (index, line) in lines.enumerated() {
      do { try read(line, isLast: index == lines.count - 1) } catch {
        throw Malformed(line: index + 1, reason: error.reason)
      }
    }
  }

  private struct Reason: Error { var reason: String }

  private mutating func read(_ line: String, isLast: Bool) throws(Reason) {
    if line.hasPrefix("# HELP ") {
      let words = line.dropFirst(7).split(separator: " ", maxSplits: 1).map(String.init)
      guard words.count == 2 else { throw Reason(reason: "HELP without a text") }
      guard !families.contains(where: { $0.name == words[0] }) else {
        throw Reason(reason: "\(words[0]) comes twice")
      }
      try finish()
      guard Self.isName(words[0], alsoColon: true) else { throw Reason(reason: "name \(words[0])") }
      families.append(Family(name: words[0], help: words[1], type: ""))
    } else if line.hasPrefix("# TYPE ") {
      let words = line.dropFirst(7).split(separator: " ").map(String.init)
      guard words.count == 2, let last = families.indices.last, families[last].name == words[0],
        families[last].type.isEmpty, families[last].samples.isEmpty
      else { throw Reason(reason: "TYPE does not follow its HELP") }
      guard ["counter", "gauge"].contains(words[1]) else {
        throw Reason(reason: "type \(words[1])")
      }
      guard (words[1] == "counter") == words[0].hasSuffix("_total") else {
        throw Reason(reason: "\(words[0]) is a \(words[1])")
      }
      families[last].type = words[1]
    } else {
      guard !line.hasPrefix("#") else { throw Reason(reason: "a comment") }
      try sample(line)
    }
    if isLast { try finish() }
  }

  /// The family before is whole.
  private func finish() throws(Reason) {
    guard let last = families.last else { return }
    guard !last.type.isEmpty, !last.samples.isEmpty else {
      throw Reason(reason: "\(last.name) has no type, or no sample")
    }
  }

  private mutating func sample(_ line: String) throws(Reason) {
    var rest = Array(line.unicodeScalars)[...]
    let name = Self.text(rest.prefix { $0 != "{" && $0 != " " })
    rest = rest.dropFirst(name.unicodeScalars.count)
    guard let last = families.indices.last, families[last].name == name else {
      throw Reason(reason: "\(name) stands apart from its family")
    }
    var labels: [String: String] = [:]
    if rest.first == "{" {
      rest.removeFirst()
      while rest.first != "}" {
        let label = Self.text(rest.prefix { $0 != "=" })
        rest = rest.dropFirst(label.unicodeScalars.count + 1)
        guard Self.isName(label, alsoColon: false), !label.hasPrefix("__") else {
          throw Reason(reason: "label \(label)")
        }
        guard labels.updateValue(try Self.quoted(&rest), forKey: label) == nil else {
          throw Reason(reason: "label \(label) comes twice")
        }
        if rest.first == "," { rest.removeFirst() }
      }
      rest.removeFirst()
    }
    let words = Self.text(rest).split(separator: " ", omittingEmptySubsequences: false)
    // A third word would be a timestamp.
    guard words.count == 2, words[0].isEmpty, let value = Double(words[1]), value.isFinite else {
      throw Reason(reason: "no value behind \(name)")
    }
    guard !families[last].samples.contains(where: { $0.labels == labels }) else {
      throw Reason(reason: "a series of \(name) comes twice")
    }
    families[last].samples.append(Sample(labels: labels, value: value))
  }

  /// What stands between quotes at the beginning.
  private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>) throws(Reason) -> String {
    guard rest.popFirst() == "\"" else { throw Reason(reason: "no quote") }
    var value = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"":
        guard !value.isEmpty else { throw Reason(reason: "a label without value") }
        return String(value)
      case "\\":
        switch rest.popFirst() {
        case "n": value.append("\n")
        case "\\": value.append("\\")
        case "\"": value.append("\"")
        default: throw Reason(reason: "an escape that is none")
        }
      default: value.append(scalar)
      }
    }
    throw Reason(reason: "a quote that does not end")
  }

  private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  private static func isName(_ text: String, alsoColon: Bool) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    else { return false }
    return text.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_")
        || alsoColon && $0 == ":"
    }
  }
}

import Notation

extension Knob {
  /// Every knob, in the order of the stages.
  package static let catalogue: [Knob] =
    device + rss + ring + irq + napi + gro + rps + socket + transmit

  /// Those of the catalogue's that are in ethtool's messages, and their neighbours.
  package static let ethtool: [Knob] = device + ring + irq

  private static let byID = Dictionary(
    catalogue.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

  /// Ids and aliases.
  package static let names = catalogue.flatMap { [$0.id] + $0.aliases }

  /// What stands for several knobs: groups, and stages.
  package static let collectiveNames =
    catalogue.reduce(into: Stage.allCases.map(\.rawValue)) { names, knob in
      let group = knob.group.name
      if !names.contains(group) && group != knob.id { names.append(group) }
    }

  /// What to say of a name that no knob has, with the nearest ones.
  ///
  /// - Parameter collectives: whether what stands for several knobs would do, too.
  package static func unknown(_ name: String, orCollectives collectives: Bool = false) -> String {
    "\"\(name)\" is not a knob"
      + NearestNames.question(name, in: names + (collectives ? collectiveNames : []))
  }

  /// By id or alias; "_" and "-", capitals and small letters are the same to whoever types it,
  /// and the last part alone will do where only one knob ends in it ("netdev_budget", "mtu").
  package static func named(_ name: String) -> Knob? {
    if let exact = byID[name] { return exact }
    let folded = folded(name)
    let known = catalogue.first { knob in
      ([knob.id] + knob.aliases).contains { Self.folded($0) == folded }
    }
    if let known { return known }
    let ends = catalogue.filter { Self.folded($0.id).hasSuffix("." + folded) }
    return ends.count == 1 ? ends.first : nil
  }

  /// The knobs that `pattern` means: one by its name, all of a stage ("gro") or a group
  /// ("coalesce"), or by "*". What is both is all of both; with a dot behind it ("napi.") it is the
  /// group alone.
  package static func matching(_ pattern: String) -> [Knob] {
    if let knob = named(pattern) { return [knob] }
    let folded = folded(pattern)
    if folded.contains("*") {
      return catalogue.filter { matches(Self.folded($0.id)[...], folded[...]) }
    }
    let prefix = folded.hasSuffix(".") ? folded : folded + "."
    let stage = Stage(named: pattern)
    return catalogue.filter { $0.stage == stage || Self.folded($0.id).hasPrefix(prefix) }
  }

  private static func folded(_ name: String) -> String {
    String(name.lowercased().map { $0 == "_" ? "-" : $0 })
  }

  /// Whether `text` fits `pattern`, in which "*" stands for any number of characters.
  private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last, parts.count > 1 else {
      return text == pattern
    }
    guard text.hasPrefix(first) else { return false }
    var rest = text.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstOccurrence(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}

/// Switches that only one driver has, as a list; those that are off behind a "-":
/// "legacy-rx,-vf-ipsec".
package struct PrivateFlags: Hashable, Sendable, CustomStringConvertible {
  package struct Flag: Hashable, Sendable {
    package var name: String
    package var isOn: Bool

    package init(name: String, isOn: Bool) { (self.name, self.isOn) = (name, isOn) }
  }
  package var flags: [Flag]

  package init(_ flags: [Flag]) { self.flags = flags }

  package init?(_ text: some StringProtocol) {
    flags = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let name = word.hasPrefix("-") ? word.dropFirst() : word[...]
      guard !name.isEmpty, !name.contains(where: \.isWhitespace) else { return nil }
      flags.append(Flag(name: String(name), isOn: !word.hasPrefix("-")))
    }
  }

  /// Whether the flag is on; nil where the driver has none of that name.
  package subscript(_ name: String) -> Bool? { flags.first { $0.name == name }?.isOn }

  /// Those of `changes` as they are there; the others stay.
  package func changed(by changes: PrivateFlags) -> PrivateFlags {
    var result = self
    for change in changes.flags {
      if let index = flags.firstIndex(where: { $0.name == change.name }) {
        result.flags[index] = change
      }
    }
    return result
  }

  package var description: String {
    flags.map { ($0.isOn ? "" : "-") + $0.name }.joined(separator: ",")
  }
}

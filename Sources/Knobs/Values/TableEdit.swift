import Notation

/// What makes a table that other programs write to as well an edit: its entries are to be there,
/// some are to go, and all others stay.
package struct TableEdit<Entry: Hashable & Sendable>: Hashable, Sendable {
  /// Entries to go.
  package var without: [Entry]
  /// Of contexts, the numbers that may belong to another by now, for they were given back.
  package var again: [UInt32] = []
}

/// The words of an edit, around the tables in it: "none [and others, without @7 tcp4 dst-port 80
/// queue 3]".
struct TableEditText {
  var wanted: String
  var isEdit = true
  var without: String?
  var again: String?

  private static let others = " [and others"
  private static let withoutMark = ", without "
  private static let againMark = ", again "

  init(_ wanted: String, without: String?, again: [UInt32] = []) {
    (self.wanted, self.without) = (wanted, without)
    if !again.isEmpty { self.again = again.map(String.init).joined(separator: " ") }
  }

  var text: String {
    wanted + Self.others + (without.map { Self.withoutMark + $0 } ?? "")
      + (again.map { Self.againMark + $0 } ?? "") + "]"
  }

  /// Reads `text` back; all of it is the wanted table where it is no edit.
  init(_ text: some StringProtocol) {
    wanted = String(text)
    isEdit = false
    guard wanted.hasSuffix("]"), let start = wanted.firstOccurrence(of: Self.others) else { return }
    var rest = wanted[start.upperBound...].dropLast()
    var (without, again): (String?, String?)
    if let mark = rest.firstOccurrence(of: Self.againMark) {
      again = String(rest[mark.upperBound...])
      rest = rest[..<mark.lowerBound]
    }
    if rest.hasPrefix(Self.withoutMark) {
      without = String(rest.dropFirst(Self.withoutMark.count))
    } else if !rest.isEmpty {
      return
    }
    isEdit = true
    wanted = String(wanted[..<start.lowerBound])
    (self.without, self.again) = (without, again)
  }

  var numbersAgain: [UInt32] { (again ?? "").split(separator: " ").compactMap { UInt32($0) } }
}

/// A journal that cannot be read. Nothing is changed on its account.
package struct JournalError: Error, Hashable, CustomStringConvertible {
  package var name: String
  package var line: Int
  package var reason: String

  package init(_ name: String, _ line: Int, _ reason: String) {
    self.name = name
    self.line = line
    self.reason = reason
  }

  package var description: String {
    """
    \(name), line \(line): \(reason). The journal was left alone. It is text: its lines \
    "before" hold the old values; restore them by hand, then move the file away.
    """
  }
}

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
    \(name), line \(line): \(reason). Nothing was changed on its account. It is text: what was \
    there before stands in the lines "before"; move it away once that is restored.
    """
  }
}

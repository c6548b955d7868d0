/// A file that says what is wanted: knobs with values or placement policies, and why.
package struct Profile: Hashable, Sendable {
  package var name: String
  package var summary: String
  /// In the order of the file.
  package var requests: [Request]

  package init(name: String, summary: String, requests: [Request]) {
    self.name = name
    self.summary = summary
    self.requests = requests
  }
}

/// Something wrong with a profile, and where.
package struct ProfileError: Error, Hashable, CustomStringConvertible {
  package var file: String
  package var line: Int
  package var column: Int
  package var problem: String

  package init(_ file: String, line: Int, column: Int, _ problem: String) {
    self.file = file
    self.line = line
    self.column = column
    self.problem = problem
  }

  package var description: String { "\(file):\(line):\(column): \(problem)" }
}

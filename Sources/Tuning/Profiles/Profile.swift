package import KernelIO

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

/// Why there is no profile, or what is wrong with one, and where.
package struct ProfileError: Error, Hashable, CustomStringConvertible {
  /// nil where it is about no file's text.
  package var position: Position?
  package var problem: String
  /// No profile has that name.
  package var isUnknown = false
  /// Why its file, or the library's directory, cannot be read.
  package var cause: KernelError?

  package struct Position: Hashable, Sendable {
    package var file: String
    package var line: Int
    package var column: Int
  }

  package init(_ problem: String, isUnknown: Bool = false) {
    self.problem = problem
    self.isUnknown = isUnknown
  }

  init(_ cause: KernelError) {
    problem = "\(cause)"
    self.cause = cause
  }

  package init(_ file: String, line: Int, column: Int, _ problem: String) {
    position = Position(file: file, line: line, column: column)
    self.problem = problem
  }

  package var description: String {
    (position.map { "\($0.file):\($0.line):\($0.column): " } ?? "") + problem
  }
}

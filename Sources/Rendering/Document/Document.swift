package import Notation

/// What a command prints: one value as lines for people, and as JSON for programs.
package protocol Document {
  var lines: [String] { get }
  /// The lines, with marks of `Terminal` around what a reader must not miss.
  var marked: [String] { get }
  /// The JSON, and the JSON Schema of it.
  static var shape: Shape<Self> { get }
}

package enum OutputFormat: Sendable {
  case text
  case json
  /// A document a line (JSON Lines), for one of several.
  case jsonLine
}

/// One whose lines are what it marks, without the marks.
package protocol MarkedDocument: Document {}

extension MarkedDocument {
  package var lines: [String] { marked.map(Terminal.plain) }
}

extension Document {
  package var marked: [String] { lines }

  package static var schema: JSON { shape.schema }

  package var json: JSON { Self.shape.encode(self) }

  package func text(as format: OutputFormat) -> String {
    switch format {
    case .text: lines.reduce(into: "") { $0 += $1 + "\n" }
    case .json: json.text()
    case .jsonLine: json.line() + "\n"
    }
  }
}

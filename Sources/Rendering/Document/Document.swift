package import Notation

/// What a command prints: one value as lines for people, and as JSON for programs.
package protocol Document {
  var lines: [String] { get }
  /// The JSON, and the JSON Schema of it.
  static var shape: Shape<Self> { get }
}

package enum OutputFormat: Sendable {
  case text
  case json
  /// A document a line (JSON Lines), for one of several.
  case jsonLine
}

extension Document {
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

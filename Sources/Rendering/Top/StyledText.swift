/// A line for a terminal: text with styles, before anyone decided about colours.
package struct StyledText: Hashable, Sendable {
  package enum Style: Hashable, Sendable {
    case plain, bold, dim, reverse, red, yellow

    /// Select Graphic Rendition (ECMA-48).
    fileprivate var code: String {
      switch self {
      case .plain: ""
      case .bold: "1"
      case .dim: "2"
      case .reverse: "7"
      case .red: "31"
      case .yellow: "33"
      }
    }

    fileprivate var isColour: Bool { self == .red || self == .yellow }
  }

  package struct Span: Hashable, Sendable {
    package var text: String
    package var style: Style
  }

  package private(set) var spans: [Span] = []

  package init(_ text: String = "", _ style: Style = .plain) { append(text, style) }

  package mutating func append(_ text: String, _ style: Style = .plain) {
    if !text.isEmpty { spans.append(Span(text: text, style: style)) }
  }

  package var width: Int { spans.reduce(0) { $0 + Terminal.width($1.text) } }

  package var text: String { spans.map(\.text).joined() }

  /// The first columns of it; a wide character that does not fit is left out.
  package func prefix(_ columns: Int) -> StyledText {
    var result = StyledText()
    var left = columns
    for span in spans {
      var kept = ""
      for character in span.text {
        let width = Terminal.width(String(character))
        guard width <= left else {
          result.append(kept, span.style)
          return result
        }
        left -= width
        kept.append(character)
      }
      result.append(kept, span.style)
    }
    return result
  }

  /// With spaces behind it, in its last style.
  package func padded(to columns: Int) -> StyledText {
    var result = self
    let missing = columns - width
    if missing > 0 {
      result.append(String(repeating: " ", count: missing), spans.last?.style ?? .plain)
    }
    return result
  }

  /// As a terminal takes it.
  package func encoded(for display: Display) -> String {
    var line = ""
    for span in spans {
      let text = display.isUnicode ? span.text : Self.ascii(span.text)
      let code = span.style.isColour && !display.hasColour ? "" : span.style.code
      line += code.isEmpty ? text : "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }
    return line
  }

  private static let replacements: [Unicode.Scalar: String] = [
    "–": "-", "…": "~", "▼": "v", "▲": "^", "←": "<", "→": ">", "↑": "^", "↓": "v", "·": "|",
    "µ": "u",
  ]

  /// The same in as many columns, for terminals that know no more.
  private static func ascii(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar.isASCII {
        result.unicodeScalars.append(scalar)
      } else {
        result +=
          replacements[scalar]
          ?? String(repeating: "?", count: Terminal.width(String(Character(scalar))))
      }
    }
  }
}

/// What a terminal is capable of, and how large it is.
package struct Display: Hashable, Sendable {
  package var columns: Int
  package var rows: Int
  package var hasColour: Bool
  package var isUnicode: Bool

  package init(columns: Int, rows: Int, hasColour: Bool = true, isUnicode: Bool = true) {
    self.columns = columns
    self.rows = rows
    self.hasColour = hasColour
    self.isUnicode = isUnicode
  }
}

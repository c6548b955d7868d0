import Scaling

/// Writes SVG: shapes with classes, that the page's style sheet colours.
struct SVG {
  private(set) var text: String
  private let title: String

  init(width: Double, height: Double, title: String) {
    self.title = title
    text =
      "<svg viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\" role=\"img\" "
      + "aria-label=\"\(HTML.escape(title))\">\n"
  }

  var finished: String { text + "</svg>\n" }

  /// Hundredths of a pixel are enough.
  static func number(_ value: Double) -> String {
    let text = Format.fixed(value, 2)
    guard text.contains(".") else { return text }
    var digits = Substring(text)
    while digits.last == "0" { digits = digits.dropLast() }
    if digits.last == "." { digits = digits.dropLast() }
    return String(digits)
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
    let n = Self.number
    text += "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" "
    text += "class=\"\(style)\"/>\n"
  }

  mutating func path(_ points: [(Double, Double)], closed: Bool = false, _ style: String) {
    guard !points.isEmpty else { return }
    let steps = points.map { "\(Self.number($0.0)) \(Self.number($0.1))" }
    text +=
      "<path d=\"M\(steps.joined(separator: "L"))\(closed ? "Z" : "")\" class=\"\(style)\"/>\n"
  }

  mutating func dot(_ x: Double, _ y: Double, _ style: String, hint: String) {
    text +=
      "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"3.5\" class=\"\(style)\">"
    text += "<title>\(HTML.escape(hint))</title></circle>\n"
  }

  mutating func bar(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, hint: String
  ) {
    let n = Self.number
    text += "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(max(0, width)))\" "
    text += "height=\"\(n(max(0, height)))\" class=\"\(style)\">"
    text += "<title>\(HTML.escape(hint))</title></rect>\n"
  }

  enum Anchor: String { case start, middle, end }

  mutating func label(
    _ words: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, _ style: String = ""
  ) {
    text += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" "
    text += "text-anchor=\"\(anchor.rawValue)\""
    text += style.isEmpty ? ">" : " class=\"\(style)\">"
    text += "\(HTML.escape(words))</text>\n"
  }
}

/// Text that stands in a page as it is.
enum HTML {
  static func escape(_ text: String) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}

/// What a terminal makes of text.
package enum Terminal {
  /// Columns that `text` takes: wide characters two, marks none.
  package static func width(_ text: String) -> Int {
    var width = 0
    for scalar in text.unicodeScalars {
      if scalar.isASCII {
        width += 1
        continue
      }
      if isMark(scalar) { continue }
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format, .control: continue
      default: width += isWide(scalar.value) ? 2 : 1
      }
    }
    return width
  }

  /// East Asian wide and full-width forms, and emoji (Unicode, EastAsianWidth).
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff,
      0xa000...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
      0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
      true
    default: false
    }
  }

  // MARK: - What stands out

  /// Around what is marked, until colour or nothing takes their place; for private use, at the far
  /// end of Unicode.
  private static let (red, yellow, end): (Unicode.Scalar, Unicode.Scalar, Unicode.Scalar) = (
    "\u{10fff0}", "\u{10fff1}", "\u{10fff2}"
  )

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    (0x10fff0...0x10fff2).contains(scalar.value)
  }

  /// A loss, or something that is not as it must be.
  package static func alarm(_ text: String) -> String { "\(red)\(text)\(end)" }

  /// Something that may be wanted.
  package static func caution(_ text: String) -> String { "\(yellow)\(text)\(end)" }

  /// A count of what is lost: an alarm, but for none.
  package static func losses(_ count: some BinaryInteger) -> String {
    count == 0 ? "0" : alarm("\(count)")
  }

  package static func plain(_ marked: String) -> String {
    replaced(marked) { _ in "" }
  }

  /// With colours instead of the marks (ECMA-48, SGR).
  package static func painted(_ marked: String) -> String {
    let line = replaced(marked) { mark in
      switch mark {
      case red: "\u{1b}[31m"
      case yellow: "\u{1b}[33m"
      default: "\u{1b}[0m"
      }
    }
    // Whatever stood in a name: a line leaves no colour behind.
    return line.utf8.contains(0x1b) ? line + "\u{1b}[0m" : line
  }

  private static func replaced(
    _ text: String, _ mark: (Unicode.Scalar) -> String
  ) -> String {
    // All three begin with the same byte, which few texts have.
    guard text.utf8.contains(0xf4) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if isMark(scalar) { result += mark(scalar) } else { result.unicodeScalars.append(scalar) }
    }
  }

  /// `text` with control characters made visible: a device or process may carry any name, and none
  /// of them may move the cursor.
  package static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
  }
}

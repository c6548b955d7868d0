/// What a terminal shows, and the bytes that make it show something else: lines that stay the same
/// are not sent again.
package struct Screen: Sendable {
  private var shown: [String] = []
  /// Nothing is known of what is there: after a change of its size, or when others wrote to it.
  private var isUnknown = true

  package init() {}

  package mutating func forget() { isUnknown = true }

  /// - Parameter lines: no longer than the terminal is wide, and no more than it has rows.
  package mutating func update(_ lines: [String]) -> [UInt8] {
    var text = ""
    if isUnknown {
      text += "\u{1b}[2J"
      shown = []
    }
    for (row, line) in lines.enumerated() where row >= shown.count || shown[row] != line {
      text += "\u{1b}[\(row + 1);1H\(line)\u{1b}[0m\u{1b}[K"
    }
    if shown.count > lines.count { text += "\u{1b}[\(lines.count + 1);1H\u{1b}[J" }
    shown = lines
    isUnknown = false
    if text.isEmpty { return [] }
    // Synchronized update: shown in one step, by terminals that know it; others ignore it.
    return Array(("\u{1b}[?2026h" + text + "\u{1b}[?2026l").utf8)
  }
}

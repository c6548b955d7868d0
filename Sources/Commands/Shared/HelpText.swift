/// Lists in a command's discussion. ArgumentParser breaks a line that is wider than the terminal without
/// its indentation, so none is.
enum HelpText {
  private static let width = 78

  /// "  name: meaning", broken before 80 columns, a meaning's other lines under its name.
  static func items(_ items: [(String, String)]) -> String {
    var lines: [String] = []
    for (name, meaning) in items {
      var line = " "
      for word in "\(name): \(meaning)".split(separator: " ") {
        if line.count + 1 + word.count > width {
          lines.append(line)
          line = "     "
        }
        line += " " + word
      }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }
}

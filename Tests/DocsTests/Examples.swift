import ArgumentParser
import Commands
import FoundationEssentials

@testable import rxtune_docs

/// Every command line that a help text, a manual page or the README shows.
enum Examples {
  /// By where it stands: "rxtune show", "README.md".
  static func all(root: String) throws -> [(place: String, line: String)] {
    let tool = try ToolInfo(dump: Rxtune._dumpHelp())
    var found = commands(tool.command, "")
    let files = [
      "README.md", "Tests/Lab/README.md", "Tests/Measured/README.md", "Sources/README.md",
    ]
    for file in files {
      let bytes = FileManager.default.contents(atPath: "\(root)/\(file)") ?? Data()
      found += lines(ofMarkdown: String(decoding: bytes, as: UTF8.self)).map { (file, $0) }
    }
    found += try guide(root: root)
    return found
  }

  /// Of the guide, but for those whose answers stand there: they are run for it.
  private static func guide(root: String) throws -> [(place: String, line: String)] {
    let folder = "\(root)/\(Guide.folder)"
    var found: [(place: String, line: String)] = []
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      guard name.hasSuffix(".md"),
        let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)")
      else { continue }
      let page = String(decoding: bytes, as: UTF8.self)
      let run = Guide.runs(page).map(\.shown)
      found += lines(ofMarkdown: page).filter { !run.contains($0) }.map { (name, $0) }
    }
    return found
  }

  /// Of a command's discussion, and what its options quote as a whole command.
  private static func commands(
    _ command: ToolInfo.Command, _ parents: String
  ) -> [(place: String, line: String)] {
    let name = (parents + " " + command.commandName).drop { $0 == " " }
    let place = String(name)
    var found = Discussion(command.discussion ?? "").examples.map { (place, $0.command) }
    for text in (command.arguments ?? []).compactMap(\.abstract) + [command.discussion ?? ""] {
      found += quoted(text).map { (place, $0) }
    }
    for subcommand in command.shownSubcommands { found += commands(subcommand, place) }
    return found
  }

  /// What prose quotes: "rxtune set a=b eth0".
  private static func quoted(_ text: String) -> [String] {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 && $0.element.hasPrefix("rxtune ") }.map { String($0.element) }
  }

  /// Of code blocks, where a prompt may stand before one, and of a table's cells that begin with one, behind the
  /// first.
  /// What stands in a sentence or names a row is a command's name.
  static func lines(ofMarkdown text: String) -> [String] {
    var found: [String] = []
    var isCode = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isCode.toggle()
        continue
      }
      if isCode || line.hasPrefix("    ") {
        let words = line.drop { $0 == " " }
        let command = ["# ", "$ "].contains { words.hasPrefix($0) } ? words.dropFirst(2) : words
        if isCommand(command) { found.append(String(command)) }
      } else if line.hasPrefix("| ") {
        let cells = line.split(separator: " | ").dropFirst().filter { $0.hasPrefix("`") }
        found += cells.flatMap { $0.split(separator: "`") }.filter(isCommand).map(String.init)
      }
    }
    return found
  }

  /// What the README shows of a command's answer, but for lines that "…" cuts.
  static func transcript(of command: String, in text: String) -> [String] {
    guard let start = text.firstRange(of: "$ \(command)\n") else { return [] }
    let lines = text[start.upperBound...].split(separator: "\n").prefix { !$0.hasPrefix("```") }
    return lines.filter { !$0.contains("…") }.map(String.init)
  }

  private static func isCommand(_ line: Substring) -> Bool {
    ["rxtune ", "sudo rxtune "].contains {
      line.hasPrefix($0) && line.dropFirst($0.count).first?.isASCII == true
    }
      || line.contains("| rxtune ")
  }
}

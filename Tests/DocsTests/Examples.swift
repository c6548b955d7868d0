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
    let files = ["README.md", "Tests/Lab/README.md", "Sources/README.md"]
    for file in files {
      let bytes = FileManager.default.contents(atPath: "\(root)/\(file)") ?? Data()
      found += lines(ofMarkdown: String(decoding: bytes, as: UTF8.self)).map { (file, $0) }
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

  /// Of code blocks; a prompt "# " may stand before one. What stands in a sentence names a command.
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
        let command = words.hasPrefix("# ") ? words.dropFirst(2) : words
        if isCommand(command) { found.append(String(command)) }
      }
    }
    return found
  }

  private static func isCommand(_ line: Substring) -> Bool {
    ["rxtune ", "sudo rxtune "].contains {
      line.hasPrefix($0) && line.dropFirst($0.count).first?.isASCII == true
    }
      || line.contains("| rxtune ")
  }
}

import Knobs
import ReceivePath
import Rendering

/// The parts of README.md that follow from the code, between `<!-- NAME:begin -->` and
/// `<!-- NAME:end -->`.
struct ReadmeTables {
  private let tool: ToolInfo.Command
  /// A recorded host, whose `show` is printed; nil where there is none.
  private let example: Host?

  init(_ tool: ToolInfo.Command, example: Host? = nil) {
    self.tool = tool
    self.example = example
  }

  struct Unbalanced: Error, CustomStringConvertible {
    var name: String
    var description: String { "README.md: \(name):begin without \(name):end after it" }
  }

  /// `readme` with its tables as they should be. A table without markers is not wanted.
  func filled(_ readme: String) throws(Unbalanced) -> String {
    var text = readme
    for (name, table) in [("commands", commands), ("screen", screen)] {
      text = try Self.replace(name, with: table, in: text)
    }
    return text
  }

  private static func replace(
    _ name: String, with table: String, in text: String
  ) throws(Unbalanced) -> String {
    guard let begin = text.firstRange(of: "<!-- \(name):begin -->") else { return text }
    guard let end = text[begin.upperBound...].firstRange(of: "<!-- \(name):end -->") else {
      throw Unbalanced(name: name)
    }
    return text[..<begin.upperBound] + "\n" + table + text[end.lowerBound...]
  }

  private var commands: String {
    var table = "| Command | What it does |\n| --- | --- |\n"
    for command in tool.shownSubcommands {
      table += "| `rxtune \(command.commandName)` | \(command.abstract ?? "") |\n"
    }
    return table
  }

  /// What the first command of the README prints of the recorded host.
  private var screen: String {
    guard let example, let links = try? example.links() else { return "" }
    let snapshot = example.snapshot(of: example.chosen(links, named: []).links)
    let stages = [Stage.rss, .irq, .rps]
    let command = "$ rxtune show eth0 --stage " + stages.map(\.rawValue).joined(separator: " ")
    let text = ShowDocument(snapshot, stages: stages).text(as: .text)
    return "```\n\(command)\n\(text)```\n"
  }
}

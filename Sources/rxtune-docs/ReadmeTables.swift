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
    var description: String { "README.md: \(name):begin without \(name):end behind it" }
  }

  /// `readme` with its tables as they should be. A table without markers is not wanted.
  func filled(_ readme: String) throws(Unbalanced) -> String {
    var text = readme
    for (name, table) in [("commands", commands), ("knobs", knobs), ("example", screen)] {
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

  /// The recorded host's devices as `rxtune show` prints them.
  private var screen: String {
    guard let example, let links = try? example.links() else { return "" }
    let snapshot = example.snapshot(of: example.chosen(links, named: []).links)
    let stages = Set(Stage.allCases).subtracting([.socket])
    return "```\n" + ShowText(snapshot, stages: stages).lines.joined(separator: "\n") + "\n```\n"
  }

  /// A row a stage; groups of many knobs as "coalesce.* (29)".
  private var knobs: String {
    var table = "| Stage | Knobs |\n| --- | --- |\n"
    for stage in Stage.allCases {
      let knobs = Knob.catalogue.filter { $0.stage == stage }
      table += "| \(stage.title) | \(Self.summary(knobs)) |\n"
    }
    return table + "\n\(Knob.catalogue.count) in all.\n"
  }

  private static func summary(_ knobs: [Knob]) -> String {
    var groups: [String] = []
    for knob in knobs where !groups.contains(knob.group) { groups.append(knob.group) }
    return groups.flatMap { group -> [String] in
      let members = knobs.filter { $0.group == group }
      return members.count > 4
        ? ["`\(group).*` (\(members.count))"] : members.map { "`\($0.id)`" }
    }.joined(separator: ", ")
  }
}

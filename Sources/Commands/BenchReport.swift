import ArgumentParser
import Rendering
import Scaling

/// `rxtune bench report`: results for people.
struct BenchReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show benchmark results: a table, a chart, what follows from them.")

  @Argument(help: "Directory of results, or a results file.")
  var directory: String

  func run() throws {
    let results = try ResultsFile.read(directory)
    print(BenchText.text(results))
  }
}

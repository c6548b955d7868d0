import ArgumentParser
import KernelIO
import Rendering
import Scaling

/// `rxtune bench report`: results for people.
struct BenchReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show benchmark results: a table, a chart and the verdict.")

  @Argument(help: "A results directory or file.")
  var directory: String

  @Option(help: "Write a self-contained HTML page to this file instead.")
  var html: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if json && html != nil { throw ValidationError("--json and --html exclude each other") }
  }

  func run() throws {
    let results = try ResultsFile.read(directory)
    guard let html else {
      return try show(
        json ? ResultsJSON.json(results).printed() : BenchText.text(results))
    }
    try LocalFile.write(html, Array(BenchPage.html(results).utf8))
  }
}

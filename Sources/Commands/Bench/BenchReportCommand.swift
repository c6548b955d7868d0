import ArgumentParser
import KernelIO
import Notation
import Rendering
import Scaling

/// `rxtune bench report`: results for people.
struct BenchReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show benchmark results: a table, a chart and the verdict.",
    discussion: """
      Takes a results directory, or a file of it; one of rxtune improve --out too. Of a benchmark over several hosts, takes what \
      rxtune bench serve --json printed and what rxtune bench load --json printed on each host, \
      and joins them: the rates add up, and latency is that of all transactions together.

      Examples:
        rxtune bench report results
            Show what was measured.
        rxtune bench report served.json load1.json load2.json
            Join one server with the hosts that loaded it.
      """)

  @Argument(
    help: ArgumentHelp(
      "A results directory or file; or the documents of a server and of its loads.",
      valueName: "results"), completion: .file())
  var places: [String]

  @Option(help: "Write a self-contained HTML page to this file instead.", completion: .file())
  var html: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if json && html != nil { throw ValidationError("--json and --html exclude each other") }
    if places.count > 1 && html != nil {
      throw ValidationError("--html shows a results directory, not the documents of several hosts")
    }
  }

  func run() throws {
    guard places.count == 1, let place = places.first else {
      return try print(JoinedLoad(places), as: OutputFormat(json: json))
    }
    let results = try ResultsFile.read(place)
    if let search = results.search, html == nil {
      return try print(SearchDocument(search), as: OutputFormat(json: json))
    }
    guard let html else {
      return try show(
        json ? ResultsJSON.json(results).printed() : BenchText.text(results))
    }
    let page = results.search.map(SearchPage.html) ?? BenchPage.html(results)
    try LocalFile.write(html, Array(page.utf8))
  }
}

import ArgumentParser
import Commands
import FoundationEssentials

/// Writes what is generated from the commands and the catalogue: man/, completions/, the tables of
/// README.md, what commands print in the guide, and the metrics' dashboard.
@main
struct RxtuneDocs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rxtune-docs",
    abstract: "Write man pages, completions, and what README and guide show of commands.")

  @Flag(help: "Write nothing; name the files that are stale, and exit 1 if there are any.")
  var check = false

  @Option(help: "The package's directory.", completion: .directory)
  var root = "."

  /// `rxtune-docs rxtune …` is rxtune: what the guide's commands are run by.
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.first == "rxtune" else { return main(nil) }
    do {
      var command = try Rxtune.parseAsRoot(Array(arguments.dropFirst()))
      try command.run()
    } catch { Rxtune.exit(withError: error) }
  }

  func run() throws {
    let files = try GeneratedFiles(root: root)
    let stale = files.stale()
    guard !check else {
      for path in stale { print("\(path) is stale: run \"swift run rxtune-docs\"") }
      if !stale.isEmpty { throw ExitCode.failure }
      return
    }
    try files.write(stale)
    for path in stale { print("wrote \(path)") }
  }
}

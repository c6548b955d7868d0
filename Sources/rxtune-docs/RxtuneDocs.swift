import ArgumentParser
import FoundationEssentials

/// Writes what is generated from the commands and the catalogue: man/, completions/, and the
/// tables of README.md.
@main
struct RxtuneDocs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rxtune-docs",
    abstract: "Write man pages, completions and the tables of the README.")

  @Flag(help: "Write nothing; name the files that are stale, and exit 1 if there are any.")
  var check = false

  @Option(help: "The package's directory.", completion: .directory)
  var root = "."

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

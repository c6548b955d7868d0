import ArgumentParser
import Scaling

/// `rxtune bench compare`: before against after.
struct BenchCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Hold two benchmark results against each other: faster, slower, or cannot be told.")

  @Argument(help: "Results that the others are held against.")
  var a: String

  @Argument(help: "Results that are held against them.")
  var b: String

  func run() throws {
    let comparison = try Comparison(try ResultsFile.read(a), try ResultsFile.read(b))
    for line in comparison.sentences + comparison.cautions { print(line) }
  }
}

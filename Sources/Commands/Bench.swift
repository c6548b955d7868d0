import ArgumentParser

/// `rxtune bench`: what a listen socket costs as cores are added.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure what a listen socket costs as cores are added.",
    subcommands: [
      BenchReuseport.self, BenchServe.self, BenchLoad.self, BenchReport.self, BenchCompare.self,
    ])
}

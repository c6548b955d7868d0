package import ArgumentParser

/// `rxtune`: the root of the command line; one file a subcommand beside this one.
package struct Rxtune: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "rxtune",
    abstract: "Show, tune and measure how packets reach an application.",
    version: Rxtune.version,
    subcommands: [
      Show.self,
      FlowCommand.self,
      CaptureCommand.self,
      Show.self, Get.self, KnobList.self, Explain.self,
    ])

  package static let version = "0.1.0"

  package init() {}
}

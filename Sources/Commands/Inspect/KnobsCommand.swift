import ArgumentParser
import Knobs
import Rendering

/// `rxtune knobs`: the catalogue.
struct KnobsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "knobs",
    abstract: "List the knobs of the receive path.",
    discussion: """
      The knobs stand in the order of the stages that a packet passes: device, RSS, ring, IRQ, \
      NAPI, GRO, RPS, socket, and then what belongs to transmitting. It is a list of what the \
      kernel documents, not of what this machine has: rxtune get tells that.

      Examples:
        rxtune knobs rps
            All that steers packets to CPUs after GRO.
        rxtune knobs '*flow*'
            All with "flow" in their names.

      Exit status:
        1  No knob matches both the pattern and the stage.
      """)

  @Argument(
    help: "Only this stage, group or pattern, such as napi, coalesce or queue.*cpus.",
    completion: Completions.knobs)
  var pattern: String?

  @Option(help: "Only knobs of this stage.")
  var stage: Stage?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print the ids alone, one a line.")
  var ids = false

  func validate() throws {
    if json && ids { throw ValidationError("--json and --ids exclude each other") }
  }

  func run() throws {
    let matching = try pattern.map(Knob.required) ?? Knob.catalogue
    let knobs = matching.filter { stage == nil || $0.stage == stage }
    if json {
      print(KnobJSON.catalogue.encode(knobs).text(), terminator: "")
    } else if ids {
      for knob in knobs { print(knob.id) }
    } else if !knobs.isEmpty {
      for line in Table.catalogue(knobs).lines() { print(line) }
    }
    guard !knobs.isEmpty else { throw ExitCode.failure }
  }
}

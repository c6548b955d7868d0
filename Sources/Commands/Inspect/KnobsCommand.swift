import ArgumentParser
import Knobs
import Rendering

/// `rxtune knobs`: the catalogue.
struct KnobsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "knobs",
    abstract: "List the knobs of the receive path.",
    discussion: """
      Lists knobs by stage, in the order in which a packet passes them: device, RSS, ring, IRQ, \
      NAPI, GRO, RPS, socket, then the transmit side. These are the knobs that the kernel \
      documents; rxtune get shows which of them this machine has.

      Examples:
        rxtune knobs rps
            List what steers packets to CPUs after GRO.
        rxtune knobs '*flow*'
            List all knobs with "flow" in their names.

      Exit status:
        1  No knob matches both the pattern and the stage.
      """)

  @Argument(
    help: "List only this stage, group or pattern, such as napi, coalesce or queue.*cpus.",
    completion: Completions.knobs)
  var pattern: String?

  @Option(help: "List only knobs of this stage.")
  var stage: Stage?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print only the ids, one per line.")
  var ids = false

  func validate() throws {
    if json && ids { throw ValidationError("--json and --ids exclude each other") }
  }

  func run() throws {
    let matching = try pattern.map(Knob.required) ?? Knob.catalogue
    let knobs = matching.filter { stage == nil || $0.stage == stage }
    if ids {
      for knob in knobs { print(knob.id) }
    } else {
      try print(
        KnobList(knobs), as: OutputFormat(json: json), failing: knobs.isEmpty ? Self.none : nil)
    }
    if knobs.isEmpty { throw Self.none }
  }

  private static var none: Failure {
    Failure(said: "no knob matches both the pattern and the stage", .noSuchKnob)
  }
}

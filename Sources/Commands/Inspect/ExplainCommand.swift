import ArgumentParser
import Knobs
import Rendering

/// `rxtune explain`: one knob in full.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a knob: meaning, range, risks, kernel document.",
    discussion: """
      Prints what the knob does, the values and policies that it takes, where it lives, what it \
      risks, what it resets, and which kernel document describes it. It also explains socket \
      options that programs set themselves: rxtune explain SO_REUSEPORT.

      Examples:
        rxtune explain channels.combined
            Explain what a new number of queues resets.
        rxtune explain napi
            Explain all settings of the NAPI stage.
      """)

  @Argument(
    help: "Knobs, stages, groups or patterns.", completion: Completions.knobs)
  var knobs: [String]

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    var found: [Knob] = []
    for knob in try knobs.flatMap(Knob.required) where !found.contains(knob) { found.append(knob) }
    try print(KnobExplanations(found), as: OutputFormat(json: json))
  }
}

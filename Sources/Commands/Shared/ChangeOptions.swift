import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Tuning

/// Where journals are kept.
struct StateOptions: ParsableArguments {
  @Option(
    name: .customLong("state-dir"),
    help: ArgumentHelp(
      "Directory of the change journals. (default: $RXTUNE_STATE_DIR, or /run/rxtune)",
      valueName: "directory"),
    completion: .directory)
  var given: String?

  var path: String {
    given ?? Console.environment("RXTUNE_STATE_DIR").flatMap { $0.isEmpty ? nil : $0 }
      ?? StateDirectory.standard
  }

  /// The changes of this host.
  func changes() -> Changes {
    Changes(of: Host(LiveKernel()), state: path) { Console.report(.note, $0.text) }
  }
}

/// How a change is made.
struct ChangeOptions: ParsableArguments {
  @Flag(name: .customLong("dry-run"), help: "Show the plan; change nothing.")
  var isDryRun = false

  @Flag(name: .long, help: "Also write values marked dangerous.")
  var force = false

  @Option(time: "Roll back unless rxtune confirm follows within this time, such as 60s.")
  var confirmWithin: Span?

  @Option(
    time: """
      Wait up to this long for the link, such as 10s; roll back if it stays down or the wait is \
      interrupted.
      """)
  var waitLink: Span?

  @Option(
    name: .long,
    help: """
      What to do about interrupts while irqbalance runs: refuse the change, ignore irqbalance, or \
      ban: print the configuration lines that keep it off, and go on.
      """)
  var irqbalance: IRQBalance.Handling = .refuse

  @Option(name: .long, help: .maxRisk)
  var maxRisk = RiskLimit.flap

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Text by which rxtune history names the change, besides its command.", valueName: "text"))
  var label: String?

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  func validate() throws {
    if let label {
      guard (1...128).contains(label.count), Terminal.printable(label) == label else {
        throw ValidationError("--label takes 1 to 128 printable characters")
      }
    }
    if let confirmWithin, confirmWithin.milliseconds == 0 {
      throw ValidationError("--confirm-within 0: use a time above 0")
    }
  }

  var rules: Changes.Rules {
    Changes.Rules(
      force: force, irqbalance: irqbalance, confirmWithin: confirmWithin?.milliseconds,
      waitLink: waitLink?.milliseconds, maxRisk: maxRisk, label: label)
  }
}

extension IRQBalance.Handling: ExpressibleByArgument {}
extension RiskLimit: ExpressibleByArgument {}

extension ArgumentHelp {
  /// Of a profile.
  static let profile: ArgumentHelp = "Name of a profile, or a file; - is standard input."

  /// Of `--max-risk`.
  static let maxRisk: ArgumentHelp = """
    Refuse what risks more: none, resets (other settings are reset) or flap (the link may flap).
    """
}

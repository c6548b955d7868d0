import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Tuning

/// Where journals are kept.
struct StateOptions: ParsableArguments {
  @Option(
    name: .customLong("state-dir"),
    help: ArgumentHelp("Directory of the change journals.", valueName: "directory"),
    completion: .directory)
  var path = "/run/rxtune"

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

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  func validate() throws {
    if let confirmWithin, confirmWithin.milliseconds == 0 {
      throw ValidationError("--confirm-within 0: use a time above 0")
    }
  }

  var rules: Changes.Rules {
    Changes.Rules(
      force: force, irqbalance: irqbalance, confirmWithin: confirmWithin?.milliseconds,
      waitLink: waitLink?.milliseconds)
  }
}

extension IRQBalance.Handling: ExpressibleByArgument {}

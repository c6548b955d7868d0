import ArgumentParser
import KernelIO
import Tuning

/// Where journals are kept.
struct StateOptions: ParsableArguments {
  @Option(
    name: .customLong("state-dir"),
    help: ArgumentHelp("Where the journals of changes are kept.", valueName: "directory"),
    completion: .directory)
  var path = "/run/rxtune"

  func directory() throws(KernelError) -> StateDirectory { try StateDirectory(path) }

  func archive() throws -> Archive { Archive(try directory()) }

  /// The journals as they are, by whoever may read them; none where nothing was changed yet.
  func record() -> Archive { Archive(StateDirectory(reading: path)) }
}

/// How a change is made.
struct ChangeOptions: ParsableArguments {
  @Flag(name: .customLong("dry-run"), help: "Show what would be changed, and change nothing.")
  var isDryRun = false

  @Flag(name: .long, help: "Write also what is marked as dangerous.")
  var force = false

  @Option(
    name: .customLong("confirm-within"),
    help: ArgumentHelp(
      "Roll back by itself unless rxtune confirm comes within this time.", valueName: "60s"))
  var confirmWithin: Span?

  @Option(
    name: .customLong("wait-link"),
    help: ArgumentHelp(
      "Wait so long for the link to come back; roll back if it does not, or the wait is cut short.",
      valueName: "10s"))
  var waitLink: Span?

  @Option(
    name: .long,
    help: """
      Where irqbalance runs and interrupts are placed: refuse; ignore; or ban, to show the lines \
      of its configuration that keep it off, and go on.
      """)
  var irqbalance: IRQBalance.Handling = .refuse

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions
}

/// A time such as "60s", "2m" or "500ms"; a bare number is seconds.
struct Span: ExpressibleByArgument, Equatable {
  var milliseconds: Int64

  var defaultValueDescription: String {
    milliseconds.isMultiple(of: 1_000) ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
  }

  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  init?(argument: String) {
    let units: [(suffix: String, factor: Int64)] = [("ms", 1), ("s", 1_000), ("m", 60_000)]
    let unit = units.first { argument.hasSuffix($0.suffix) } ?? ("", 1_000)
    guard let number = Int64(argument.dropLast(unit.suffix.count)), number >= 0,
      number <= 86_400_000
    else { return nil }
    milliseconds = number * unit.factor
  }
}

extension IRQBalance.Handling: ExpressibleByArgument {}

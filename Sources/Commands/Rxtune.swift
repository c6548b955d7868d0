package import ArgumentParser
import KernelIO
import Knobs
import Notation
import Rendering
import Tuning

/// `rxtune`: the root of the command line; one file a subcommand beside this one.
package struct Rxtune: ParsableCommand {
  // Every command states its name: ArgumentParser would find it out by reflection, at a millisecond
  // in all before the first question to the kernel.
  package static let configuration = CommandConfiguration(
    commandName: "rxtune",
    abstract: "Show, tune and measure how packets reach an application.",
    discussion: """
      A packet passes the network device, receive-side scaling (RSS), a ring, an interrupt, NAPI, \
      GRO and receive packet steering (RPS) before it reaches a socket. rxtune shows these stages \
      on one screen, changes the settings that the kernel documents for them, with undo, and \
      measures what a listening socket costs as cores are added. It talks to the kernel itself \
      (netlink, ioctl, /proc, /sys) and runs no other program.

      Reading needs no privilege. Where a value cannot be read, the reason stands in its place. \
      rxtune changes only devices that you name.

      Every command takes -q (no notes, warnings or progress), --color auto, always or never, and \
      --trace-kernel FILE (all that passes between rxtune and the kernel, for a bug report). With \
      --json every command prints JSON, errors included.

      Examples:
        rxtune show eth0
            Show how packets of eth0 reach the CPUs.
        rxtune get coalesce eth0
            Print when eth0 interrupts.
        rxtune explain net.core.netdev_budget
            Explain what a setting does and what it risks.
      """,
    version: Release.summary,
    subcommands: [
      ShowCommand.self,
      TopCommand.self,
      FlowCommand.self,
      GetCommand.self,
      KnobsCommand.self,
      ExplainCommand.self,
      DoctorCommand.self, TraceCommand.self, MetricsCommand.self, CaptureCommand.self,
      SetCommand.self, ChannelsCommand.self, RingsCommand.self, RSSCommand.self,
      NTupleCommand.self, IRQCommand.self,
      ProfileCommand.self, PlanCommand.self, ApplyCommand.self, VerifyCommand.self,
      ConfirmCommand.self, RollbackCommand.self,
      HistoryCommand.self, WatchCommand.self, PersistCommand.self, UnpersistCommand.self,
      ExportCommand.self, GuardCommand.self,
      BenchCommand.self, ImproveCommand.self,
    ])

  package init() {}
}

extension Rxtune {
  /// Runs what the command line asks for.
  package static func start() {
    Console.holdStandardDescriptors()
    var arguments = Array(CommandLine.arguments.dropFirst())
    var outcome: any Error = ExitCode.success
    do {
      do { try CommonOption.take(from: &arguments) } catch let error as ValidationError {
        throw Mistake(error.message, usage: usageString())
      }
      if arguments == ["-V"] { arguments = ["--version"] }
      var command = try subcommand(arguments) ?? parseAsRoot(arguments)
      do { try command.run() } catch let error as ValidationError {
        // ArgumentParser would show the tree's usage.
        throw Mistake(error.message, usage: usageString(for: type(of: command)))
      }
    } catch { outcome = error }
    let status = outcome is Mistake ? .validationFailure : exitCode(for: outcome)
    // Help and the version are told by an error, too.
    let answer = status.isSuccess ? fullMessage(for: outcome) : ""
    if !status.isSuccess { tell(outcome, arguments) }
    guard Console.flush(), answer.isEmpty || Console.show(answer + "\n") else {
      Console.report(.error, Failure.output.description)
      exit(withError: ExitCode.failure)
    }
    exit(withError: status)
  }

  /// Says what stopped a command: to people, and to programs that asked for JSON and have not been
  /// told yet.
  private static func tell(_ outcome: any Error, _ arguments: [String]) {
    let lines = complaints(outcome, arguments)
    if !lines.isEmpty || outcome is Failure, (outcome as? Failure)?.isOnOutput != true,
      arguments.prefix(while: { $0 != "--" }).contains("--json")
    {
      let problem = Problem(
        outcome, prose: lines.first ?? "", isUsage: exitCode(for: outcome) == .validationFailure)
      _ = Console.show(
        Envelope.now().around(ErrorDocument.shape.encode(problem), error: problem).line() + "\n")
    }
    for line in lines { Console.report(.error, line) }
  }

  package static var _errorPrefix: String { "" }

  /// An error in words, as all begin; none of one that was told already.
  static func complaints(_ error: any Error, _ arguments: [String]) -> [String] {
    let sentences: [String] =
      switch error {
      case let failure as Failure: failure.lines
      case TuningError.refused(let caveats, _): CaveatGroup.refusals(caveats)
      case let mistake as Mistake: [mistake.description]
      default:
        [usageMistake(error, arguments) ?? fullMessage(for: error)]
      }
    return sentences.compactMap { text in
      guard let first = text.first else { return nil }
      // "IPv6 …" stays as it is.
      let isSentence = first.isUppercase && text.dropFirst().first?.isLowercase == true
      return (isSentence ? first.lowercased() : String(first)) + text.dropFirst()
    }
  }

  /// What is wrong with the command line, where ArgumentParser would complain of something else.
  private static func usageMistake(_ error: any Error, _ arguments: [String]) -> String? {
    guard exitCode(for: error) == .validationFailure else { return nil }
    return unknownCommand(arguments) ?? unknownOption(arguments, told: fullMessage(for: error))
  }

  /// What to say of `arguments` that name no command where one is wanted.
  private static func unknownCommand(_ arguments: [String]) -> String? {
    var command: any ParsableCommand.Type = Self.self
    var path = ["rxtune"]
    for word in arguments {
      let below = command.configuration.subcommands
      guard !below.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
      if let next = below.first(where: { $0.configuration.commandName == word }) {
        command = next
        path.append(word)
      } else {
        let names = below.map { $0.configuration }.filter(\.shouldDisplay)
          .compactMap(\.commandName)
        let question = NearestNames.question(word, in: names)
        return "there is no command '\(path.dropFirst().map { $0 + " " }.joined())\(word)'"
          + (question.isEmpty ? "; see \(path.joined(separator: " ")) --help" : question)
      }
    }
    return nil
  }

  /// What to say of an option that the command does not have. ArgumentParser does so only where all else
  /// is right: a value behind it, taken for an argument, is complained of first.
  private static func unknownOption(_ arguments: [String], told: String) -> String? {
    var command: any ParsableCommand.Type = Self.self
    for word in arguments {
      let below = command.configuration.subcommands
      guard let next = below.first(where: { $0.configuration.commandName == word }) else { break }
      command = next
    }
    guard !told.lowercased().hasPrefix("unknown option") else { return nil }
    let known = helpMessage(for: command, includeHidden: true, columns: 200)
      .split { $0 != "-" && !$0.isLetter && !$0.isNumber }.filter { $0.hasPrefix("--") }
      .map(String.init)
    for word in arguments.prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
      let name = String(word.prefix { $0 != "=" })
      guard !known.contains(name) else { continue }
      let near = NearestNames.of(name, in: known, count: 1).first
      let usage = told.firstOccurrence(of: "\nUsage:").map { told[$0.lowerBound...] } ?? ""
      return "unknown option '\(name)'\(near.map { ". Did you mean '\($0)'?" } ?? "")\(usage)"
    }
    return nil
  }

  /// The subcommand that `arguments` name first, parsed alone: the tree of all of them costs more
  /// than many a command's work.
  ///
  /// nil for all that is no plain run of one (help, a mistake, completion): the tree answers that.
  static func subcommand(_ arguments: [String]) -> (any ParsableCommand)? {
    guard let name = arguments.first,
      let command = configuration.subcommands.first(where: {
        $0.configuration.commandName == name
      }), command.configuration.subcommands.isEmpty,
      let parsed = try? command.parseAsRoot(Array(arguments.dropFirst())),
      type(of: parsed) == command
    else { return nil }
    return parsed
  }
}

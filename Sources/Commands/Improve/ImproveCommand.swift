import ArgumentParser
import Diagnosis
import Glibc
import KernelIO
import Knobs
import Notation
import ReceivePath
import Rendering
import Scaling
import Tuning

/// `rxtune improve`: what helps here, by measurement.
struct ImproveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "improve",
    abstract: "Find out by measurement which settings help on this machine.",
    discussion: """
      Measures the host as it is against candidates: the settings of the built-in profiles one by \
      one, those named by --among, or what rxtune doctor suggests. Rounds are interleaved in mirrored \
      random order, each candidate is set for its run only and rolled back after it, and one that is \
      told from the base, or gains too little, leaves early. Those that gain are combined; then fresh \
      rounds of the base against the winner alone give the effect that is reported, with a 95 % \
      interval. All candidates and looks together find something where nothing is in at most 5 % of \
      searches.

      At the end all settings are as they were; --keep leaves the winner in force, --save writes it \
      as a profile with its evidence. Ctrl-C rolls back too; after a kill, run rxtune rollback.

      A candidate under which a device loses its link, or more packets than without it, is given up at \
      once, and so is one under which --command takes 10 s more than five times its longest run before. \
      A trial that lost more than --most-noise of the CPUs' time to somebody else is made again; after \
      five in a row the search ends.

      Where candidates are set:
      \(HelpText.items(places))

      Examples:
        rxtune improve --for rate --budget 10m
            Which settings of the built-in profiles serve more connections?
        rxtune improve lo --for rate --among queue.rps-cpus=0 --among queue.rps-cpus=1
            Does RPS help over loopback, and to which CPU?
        rxtune improve eth0 --for p99 --target 192.0.2.7:80 --among coalesce.rx-usecs
            Try values of one knob against a server elsewhere.
        rxtune improve eth0 --command ./my-benchmark --among throughput --save web
            Let an application be the judge; save what helps.
      """)

  private static let places = [
    (
      "no DEV",
      "on the server's end of a veth pair in fresh namespaces; the host is not touched"
    ),
    ("lo", "on the host, measured over loopback"),
    (
      "DEV… --target ADDRESS:PORT",
      "on the host and its devices, which load servers that rxtune bench serve runs elsewhere"
    ),
    (
      "DEV… --command CMD",
      "on the host and its devices; the last number that CMD prints is the figure"
    ),
  ]

  @Argument(
    help: "Devices to change, or lo. (default: a veth pair of its own)",
    completion: Completions.devices)
  var devices: [String] = []

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("Figure to better: rate, p99 or cpu.", valueName: "figure"))
  var goal: Goal?

  @Option(
    name: .customLong("target"),
    help: ArgumentHelp(
      "Server to load; repeat to load several in turn.", valueName: "address:port"))
  var targets: [String] = []

  @Option(help: "Command that prints the figure; run by sh -c.")
  var command: String?

  @Flag(help: "The figure of --command is better the lower it is.")
  var lowerIsBetter = false

  @Option(
    help: ArgumentHelp(
      """
      Profile (its settings one by one), knob (values that suit it), KNOB=VALUE[,VALUE…], or settings \
      that go together, as 'KNOB=VALUE + KNOB=VALUE'; repeat for more. (default: all built-in profiles)
      """, valueName: "profile|knob"))
  var among: [String] = []

  @Flag(help: "Try what rxtune doctor suggests after looking for 5 s.")
  var fromDoctor = false

  @Option(name: .long, help: .maxRisk)
  var maxRisk = RiskLimit.resets

  @Option(time: "Time for the search.")
  var budget = Span(milliseconds: 1_200_000)

  @Option(
    help: ArgumentHelp("Least gain that is worth a change, in percent.", valueName: "percent"))
  var least = 1.0

  @Option(
    help: ArgumentHelp(
      """
      Most of the CPUs' time that other programs, the hypervisor or a CPU quota may take from a trial, \
      in percent; one that lost more is made again.
      """, valueName: "percent"))
  var mostNoise = 20.0

  @Option(help: "Listener mode of the server.", completion: Completions.modes)
  var mode = ListenerMode.reuseport

  @OptionGroup var exchange: ExchangeOptions

  @Option(help: "Concurrent connections.")
  var connections = 32

  @Option(rate: "Transactions to start per second (open loop). (default: as many as possible)")
  var rate: Double?

  @Option(time: "How long each trial is measured.")
  var duration = Span(milliseconds: 2_000)

  @Option(time: "How long each trial warms up first.")
  var warmUp = Span(milliseconds: 300)

  @Option(
    parsing: .upToNextOption,
    help: "CPUs of each side, such as server=0-3 client=4-7. (default: half each)")
  var cpus: [String] = []

  @Option(help: "Seed for the order of trials.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Save the winner as a profile.", valueName: "name|file"))
  var save: String?

  @Option(
    help: ArgumentHelp(
      "Directory for all trials, created if missing; rxtune bench report shows them as a page."),
    completion: .directory)
  var out: String?

  @Flag(help: "Leave the winner in force.")
  var keep = false

  @Flag(help: "Also write values marked dangerous.")
  var force = false

  @Option(
    time: """
      Roll a trial's settings back after this long even if rxtune hangs; needed for a device that \
      carries the default route.
      """)
  var confirmWithin: Span?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  enum Goal: String, CaseIterable, ExpressibleByArgument {
    case rate, p99, cpu

    var searchGoal: SearchGoal {
      switch self {
      case .rate: .rate
      case .p99: .p99
      case .cpu: .cpu
      }
    }
  }

  func validate() throws {
    try BenchBounds.check(duration: duration, warmUp: warmUp)
    _ = try CPUSet.sides(cpus)
    guard (command == nil) != (goal == nil) else {
      throw ValidationError("give --for rate, p99 or cpu, or --command")
    }
    if command != nil, !targets.isEmpty {
      throw ValidationError(
        "--command and --target exclude each other: the command has its own load")
    }
    if command == nil, lowerIsBetter {
      throw ValidationError("--lower-is-better is for the figure of a --command")
    }
    if !targets.isEmpty, devices.isEmpty {
      throw ValidationError("--target: name the device that it is reached by")
    }
    if command == nil, targets.isEmpty, !devices.isEmpty, devices != ["lo"] {
      throw ValidationError(
        "a benchmark on this host alone sends nothing through \(devices.joined(separator: ", ")); "
          + "add a --target beyond it, or a --command")
    }
    guard budget.seconds > 0 else {
      throw ValidationError("--budget \(budget): use a time above 0")
    }
    guard (0.01...100).contains(least) else {
      throw ValidationError("--least \(least): use 0.01 to 100 percent")
    }
    guard (0...100).contains(mostNoise) else {
      throw ValidationError("--most-noise \(mostNoise): use 0 to 100 percent")
    }
    if keep, isApart {
      throw ValidationError("--keep: nothing of a namespace stays; name a device")
    }
  }

  /// In namespaces of its own.
  private var isApart: Bool { devices.isEmpty && command == nil }

  func run() throws {
    let kernel = LiveKernel()
    let interruption = try Interruption()
    let machine = Machine(kernel)
    let host = Host(kernel)
    let names = devices.isEmpty ? [] : try host.allDevices(named: devices).map(\.name)
    if confirmWithin == nil {
      for name in names where name != "lo" { try Self.refuseLifeline(name, kernel) }
    }
    let changes = state.changes()
    var list = ProposalList(reachesHost: !isApart)
    try collect(into: &list, changes, names)
    if !isApart {
      list.check(
        { proposal in
          try changes.plan(by: rules) { $0.plan(proposal.requests, devices: names) }
        }, force: force)
    }
    guard !list.proposals.isEmpty else {
      let reasons = list.refused.prefix(5).map { "\n  \($0.name): \($0.reason)" }.joined()
      throw Failure("there is nothing to try\(reasons)")
    }
    Measurement.showQuotas(machine.quotas ?? [])
    var search = Search(plan(list.proposals))
    var session = SearchSession(
      tool: "rxtune \(Release.version)", started: MonotonicClock.realtime(),
      command: CommandLine.arguments, machine: machine, plan: search.plan,
      refused: list.refused, devices: names, workload: "", warnings: [])
    let stopped: String?
    do {
      // What holds the lock of changes is gone before the winner is set.
      let (trials, doubts) = try trials(machine, names, kernel, interruption)
      (session.workload, session.warnings) = (trials.workload, doubts)
      let results = try out.map { directory throws in
        let writer = try ResultsWriter(directory: directory)
        try writer.append(.search(session))
        return writer
      }
      stopped = try drive(&search, list.proposals, trials, results)
    }
    var report = SearchReport(session, search)
    report.interruption = stopped
    try finish(&report, list.proposals, changes, names)
    let failure = report.outcome.failure.map {
      Failure(said: "nothing could be measured: \($0)", .nothingMeasured)
    }
    try print(SearchDocument(report), as: OutputFormat(json: json), failing: failure)
    if interruption.hasCome { throw ExitCode(130) }
  }

  private var rules: Changes.Rules {
    Changes.Rules(force: force, confirmWithin: confirmWithin?.milliseconds, maxRisk: maxRisk)
  }

  private static func refuseLifeline(_ device: String, _ kernel: LiveKernel) throws {
    do throws(BenchError) { try DeviceCaution.check(device, kernel) } catch {
      throw Failure(
        "\(error.message). Try: --confirm-within 60s, or a device that it can do without")
    }
  }

  private func collect(
    into list: inout ProposalList, _ changes: Changes, _ names: [String]
  ) throws {
    let settings = isApart ? nil : changes.settings
    for word in among { try list.add(typed: word, on: settings, names) }
    if fromDoctor {
      let doctor = try DoctorCommand.parse(names + ["--for", "5s", "--state-dir", state.path])
      for found in Checkup(try doctor.live()).found {
        for command in found.finding.fix.commands { try list.add(fix: command) }
      }
    }
    if among.isEmpty && !fromDoctor { try list.addProfiles() }
  }

  private func plan(_ proposals: [Proposal]) -> SearchPlan {
    var plan = SearchPlan(
      goal: goal?.searchGoal ?? (lowerIsBetter ? .smaller : .larger),
      candidates: proposals.map(\.candidate),
      budget: budget.seconds)
    plan.leastEffect = least / 100
    plan.seed = seed
    return plan
  }

  /// The plan of a run.
  private func workload(_ machine: Machine) throws -> (SweepPlan, [Warning]) {
    let network: SweepPlan.Network =
      !targets.isEmpty ? .remote : isApart ? .namespaces : .loopback
    guard !isApart || geteuid() == 0 else {
      throw Failure("a namespace needs root. Try: sudo, or rxtune improve lo", .needsPrivilege)
    }
    let online = machine.onlineCPUs
    let halves =
      network == .remote ? (server: [], client: online) : SweepPlan.split(online, atLeast: 2)
    let sides = try BenchSides(cpus, halves, machine, network)
    var plan = SweepPlan(
      modes: [mode], workerCounts: [max(1, sides.server.count)],
      exchange: exchange.exchange, connections: connections, duration: duration.seconds,
      warmUp: warmUp.seconds, repeats: 1, maximumRepeats: 1, rate: rate, serverCPUs: sides.server,
      clientCPUs: sides.client, network: network, timeLimit: budget.seconds, seed: seed,
      variants: [Comparison.asItIs])
    if network == .remote { plan.targets = targets }
    try plan.check()
    return (plan, sides.warnings)
  }

  private var patience: Patience { Patience(noise: mostNoise / 100) }

  private func staging(_ names: [String]) throws -> ProfileStaging {
    try ProfileStaging(
      [], names, state, by: rules, seconds: max(60, warmUp.seconds + duration.seconds),
      purpose: { "improve \($0)" })
  }

  /// The judge, and why its figures are not what they look like.
  private func trials(
    _ machine: Machine, _ names: [String], _ kernel: LiveKernel, _ interruption: Interruption
  ) throws -> (any Trials, [Warning]) {
    if let command {
      return (
        CommandTrials(
          command, try staging(names), devices: names, budget: budget, patience, interruption,
          kernel),
        Warning.emulation
      )
    }
    let (plan, warnings) = try workload(machine)
    let runs = VariantRun(
      plan, executable: Measurement.executable, interruption,
      staging: isApart ? nil : try staging(names))
    let judge = WorkloadTrials(
      goal: goal?.searchGoal ?? .rate, runs: runs, patience: patience, devices: names,
      kernel: kernel)
    return (judge, warnings)
  }

  /// Makes trials until there is nothing more to learn; returns what ended it before.
  private func drive(
    _ search: inout Search, _ proposals: [Proposal], _ trials: any Trials,
    _ results: ResultsWriter?
  ) throws -> String? {
    var progress = SearchProgress()
    defer { progress.clear() }
    var number = 0
    while let trial = search.next {
      let moment = MonotonicClock.realtime()
      let start = MonotonicClock.now()
      number += 1
      progress.show(search, trial)
      let result: Search.Result
      do {
        result = try outcome {
          try trials.measure(Proposal.variant(trial.map { proposals[$0] }), round: number)
        }
      } catch let error as BenchError where error == .interrupted { return "Interrupted" }
      let seconds = Double(MonotonicClock.now() - start) / 1e9
      try results?.append(
        .trial(TrialRecord(search, trial, started: moment, seconds: seconds, result)))
      search.take(result, seconds: seconds)
      progress.tell(search)
    }
    return nil
  }

  /// What a trial came to that may fail; throws what ends the search.
  private func outcome(_ trial: () throws -> Search.Result) throws -> Search.Result {
    do { return try trial() } catch let error as BenchError where error != .interrupted {
      return error.isFinal ? .inapplicable("\(error)") : .failed("\(error)")
    } catch let error as Failure where error.problem.kind == .linkDown {
      return .harmed("\(error)")
    } catch let error as Failure where error.problem.kind == .refused {
      return .inapplicable("\(error)")
    } catch let error as TuningError where Self.left(nothingOf: error) {
      return .inapplicable("\(error)")
    }
  }

  /// Whether a change that was not made, or taken back at once, left the host as it was.
  private static func left(nothingOf error: TuningError) -> Bool {
    switch error {
    case .refused: true
    case .failed(_, let undo), .reversed(_, let undo): undo.isComplete
    default: false
    }
  }

  /// Keeps and saves the winner, where that was asked for.
  private func finish(
    _ report: inout SearchReport, _ proposals: [Proposal], _ changes: Changes, _ names: [String]
  ) throws {
    guard report.interruption == nil, !report.winners.isEmpty else { return }
    if let save {
      let file = try ProfileFile(save)
      let text = SearchProfile.text(
        name: file.stem, report, day: String(TimeStamp.now().description.prefix(10)))
      try file.write(text, replacing: force)
      report.saved = file.path
    }
    if keep {
      let requests = report.winners.flatMap { proposals[$0].requests }
      _ = try changes.make("improve --keep", by: rules) { $0.plan(requests, devices: names) }
      report.kept = report.settings
    }
  }
}

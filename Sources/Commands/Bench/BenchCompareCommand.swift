import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Scaling
import Tuning

/// `rxtune bench compare`: before against after, or profile against profile.
struct BenchCompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare results or profiles: faster, slower or inconclusive.",
    discussion: """
      Pairs two results round by round. With --profile it measures: each round applies, measures \
      and rolls back every profile, in random order. Ctrl-C rolls back too; after a kill, run \
      rxtune rollback. The first profile is the baseline; none stands for the host as it is. \
      Rounds are added until each ratio is known to within 2 %.

      Where profiles are applied:
      \(HelpText.items(places))

      Examples:
        rxtune bench compare before after
            Compare two results directories.
        rxtune bench compare --profile none --profile ./gro-off.yaml
            Measure whether a profile helps, in namespaces.
        rxtune bench compare --profile none --profile web eth0 --target 192.0.2.7:80
            Compare a profile of a device that loads another host.
      """)

  private static let places = [
    (
      "--netns",
      "on the server's end of a veth pair in fresh namespaces; the host is not touched (default: as root)"
    ),
    ("--no-netns, or lo", "on the host, measured over loopback"),
    (
      "DEV… --target ADDRESS:PORT",
      """
      on the host and its devices, which load servers that rxtune bench serve runs elsewhere; \
      this compares the receive path of the loading host
      """
    ),
  ]

  @Argument(help: "Two results; or, with --profile, the devices to apply the profiles to.")
  var places: [String] = []

  @Option(
    name: .customLong("profile"),
    help: "Name or file of a profile, or none; the first is the baseline.")
  var profiles: [String] = []

  @Option(help: "Modes to measure in, comma-separated.", completion: Completions.modes)
  var modes = ListenerMode.reuseport.name

  @Option(
    name: .customLong("target"),
    help: "Server to load, as ADDRESS:PORT; repeat to load several in turn.")
  var targets: [String] = []

  @OptionGroup var options: SweepOptions

  @Flag(help: "Also write values marked dangerous.")
  var force = false

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  func validate() throws {
    guard !profiles.isEmpty else {
      guard places.count == 2 else {
        throw ValidationError("name two results, or give --profile twice")
      }
      return
    }
    guard profiles.count >= 2, Set(profiles.map(SweepPlan.label)).count == profiles.count else {
      throw ValidationError(
        "--profile names \(profiles.joined(separator: ", ")): give at least two of different names; "
          + "none is the host as it is")
    }
    _ = try options.modes(modes)
    _ = try network()
  }

  func run() throws {
    if profiles.isEmpty {
      let comparison = try Comparison(
        try ResultsFile.read(places[0]), try ResultsFile.read(places[1]))
      if json {
        try print(ComparisonJSON.json(comparison))
      } else {
        for line in ComparisonText.sentences(comparison) { print(line) }
      }
    } else {
      try measure()
    }
  }

  private func measure() throws {
    // Rather than in the first run of each.
    for name in profiles { _ = try ProfileStaging.profile(name) }
    let kernel = LiveKernel()
    let interruption = try Interruption()
    let machine = Machine(kernel)
    var (plan, warnings) = try options.plan(
      try options.modes(modes), machine, over: try network(), rounds: 30)
    plan.variants = profiles
    plan.precision = 0.02
    if plan.network == .remote {
      plan.targets = targets
      plan.workerCounts = [1]
    } else if options.workers == nil {
      plan.workerCounts = [max(1, plan.serverCPUs.count)]
    }
    var staging: ProfileStaging?
    if plan.network != .namespaces {
      let links = places.isEmpty ? [] : try Host(kernel).allDevices(named: places)
      staging = try ProfileStaging(
        profiles, links.map(\.name), state, by: Changes.Rules(force: force),
        seconds: plan.warmUp + plan.duration)
    }
    try Measurement(
      plan, warnings, machine, kernel, directory: options.runs.out, staging: staging
    ).run(
      interruption, json ? { ComparisonJSON.json(Comparison(variants: $0)) } : nil)
  }

  /// What the load passes; nil leaves it to whether this is root.
  private func network() throws -> SweepPlan.Network? {
    if !targets.isEmpty {
      guard options.netns != true else {
        throw ValidationError(
          "--target and --netns exclude each other: a target is outside the namespaces")
      }
      return .remote
    }
    guard !places.isEmpty else { return options.netns.map { $0 ? .namespaces : .loopback } }
    guard options.netns != true else {
      throw ValidationError("--netns measures on a device of its own; name none")
    }
    guard places == ["lo"] else {
      throw ValidationError(
        "a benchmark on this host alone sends nothing through \(places.joined(separator: ", ")); add a "
          + "--target beyond it, or use --netns")
    }
    return .loopback
  }
}

import ArgumentParser
import Diagnosis
import KernelIO
import Knobs
import ReceivePath
import Rendering
import Tuning

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    // Parsed alone, as `show`.
    _superCommandName: "rxtune",
    abstract: "Find out what is wrong with the receive path now, and how to fix it.",
    discussion: """
      Takes two snapshots of the host and runs each rule on what the settings are and what grew in \
      between. A finding says what was seen and where, what follows from it, and a command that \
      fixes it, or why rxtune has none. Findings come worst first:
        loss: packets or connections are being lost
        cost: packets take longer, or cost more CPU time, than they need to
        risk: a setting that fails its purpose, or one that will bite under load

      Counters that stood still in the interval are notes, as are settings that have no effect and \
      do no harm; notes leave the exit status at 0. What could not be checked is listed with the \
      reason, so no finding means that a rule looked. --rules lists the rules.

      Without a device, examines the physical ones, or all but loopback if there are none. A \
      capture is examined instead with --from; rates need a capture of two moments \
      (rxtune capture --for 10s) or two captures.

      Examples:
        rxtune doctor
            Examine all NICs for ten seconds.
        rxtune doctor eth0 --for 60s --json
            Examine eth0 for a minute, as JSON.
        rxtune doctor --from db7.capture
            Examine a host that was recorded elsewhere.

      Exit status:
        0  No findings; there may be notes.
        2  There are findings.
      """)

  @Argument(help: "Devices to examine.", completion: Completions.devices)
  var devices: [String] = []

  @Option(name: .customLong("for"), time: "Time between the two snapshots.")
  var duration = Span(milliseconds: 10_000)

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      """
      Examine a recorded host (see rxtune-capture); given twice, the second is the later one; - is \
      standard input.
      """, valueName: "capture"), completion: .file())
  var captures: [String] = []

  @Flag(name: .long, help: "List the rules.")
  var rules = false

  @OptionGroup var state: StateOptions

  func validate() throws {
    if captures.count > 2 { throw ValidationError("--from takes one capture, or two") }
    if duration.seconds < Examination.shortest {
      throw ValidationError("--for takes 1s or more: less is a burst, not a rate")
    }
  }

  func run() throws {
    if rules { return try print(RuleList(), as: OutputFormat(json: json)) }
    let examination = try captures.isEmpty ? live() : recorded()
    let checkup = Checkup(examination)
    try print(CheckupDocument(checkup), as: OutputFormat(json: json))
    if !checkup.found.isEmpty { throw ExitStatus.difference }
  }

  // MARK: - This machine

  func live() throws -> Examination {
    let host = Host(LiveKernel())
    let before = try snapshot(host)
    Snapshots.wait(duration)
    let now = try later(host, than: before)
    return Examination(
      now, since: before, settings: host.settings(of: Rule.reads),
      surroundings: surroundings(host, state.changes()))
  }

  private func snapshot(_ host: Host) throws -> HostSnapshot {
    let (links, unknown, all) = try host.devices(named: devices)
    if let unknown { throw unknown }
    return host.snapshot(of: links, among: all, isWhole: true)
  }

  /// The same devices once more, whatever they are called by now; those that are gone are told.
  private func later(_ host: Host, than before: HostSnapshot) throws -> HostSnapshot {
    let all = try host.links()
    let links = all.filter { link in before.devices.contains { $0.link.index == link.index } }
    for device in before.devices where !links.contains(where: { $0.index == device.link.index }) {
      Console.report(.warning, Terminal.printable("\(device.link.name) is gone"))
    }
    guard !links.isEmpty else { throw Failure("no device is left to examine", .noSuchDevice) }
    return host.snapshot(of: links, among: all, isWhole: true)
  }

  /// - Parameter changes: nil of a recorded host, whose changes are not known.
  private func surroundings(_ host: Host, _ changes: Changes?) -> Surroundings {
    var surroundings = Surroundings()
    surroundings.irqbalance = IRQBalance.pid(host.kernel)
    surroundings.topology = try? host.topology()
    surroundings.cores =
      (try? host.cores(of: surroundings.topology?.online ?? CPUSet())) ?? []
    surroundings.knowsChanges = changes != nil
    for journal in changes?.journalsInForce ?? [] {
      surroundings.changes.append(journal.command)
      let devices = journal.wanted.filter { $0.knob == .irqAffinity }.compactMap(\.place.device)
      for device in Set(devices).sorted() {
        surroundings.placedInterrupts.append((device, journal.command))
      }
    }
    return surroundings
  }

  // MARK: - A recorded one

  private func recorded() throws -> Examination {
    var moments: [(file: String, capture: Capture)] = []
    for file in captures {
      let bytes = try LocalFile.read(file, as: .capture)
      do {
        moments += try Capture.moments(bytes).map { (file, $0) }
      } catch { throw Failure("\(file): \(error)", .badFile) }
    }
    guard let first = moments.first, let last = moments.last else { throw ExitCode.failure }
    try Self.check(first, last)
    // What is read besides is in the record of a whole host: the first of two moments in one file.
    let host = Host(ReplayKernel(moments.first { $0.file == last.file }?.capture ?? last.capture))
    let before = try snapshot(Host(ReplayKernel(first.capture)))
    guard moments.count > 1 else {
      return Examination(
        before, settings: host.settings(of: Rule.reads), surroundings: surroundings(host, nil))
    }
    let now = try later(Host(ReplayKernel(last.capture)), than: before)
    return Examination(
      now, since: before, settings: host.settings(of: Rule.reads),
      surroundings: surroundings(host, nil))
  }

  private static func check(
    _ first: (file: String, capture: Capture), _ last: (file: String, capture: Capture)
  ) throws {
    let (one, other) = (first.capture.host, last.capture.host)
    guard one.kernelRelease == other.kernelRelease, one.machine == other.machine else {
      throw Failure(
        "\(first.file) is of Linux \(one.kernelRelease), \(last.file) of \(other.kernelRelease): "
          + "these are not two moments of one host", .badFile)
    }
  }
}

/// Two looks at a host, with time in between.
enum Snapshots {
  /// Tells on standard error how long it takes yet.
  static func wait(_ span: Span) {
    var left = span.milliseconds
    defer { Progress.show(nil) }
    while left > 0 {
      Progress.show("second snapshot in \((left + 999) / 1000) s")
      let step = min(left, 1000)
      DetachedProcess.sleep(milliseconds: step)
      left -= step
    }
  }
}

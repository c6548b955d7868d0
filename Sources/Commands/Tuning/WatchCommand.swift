import ArgumentParser
import KernelIO
import Notation
import ReceivePath
import Rendering
import Tuning

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Report drift from applied settings; with --repair, restore them.",
    discussion: """
      Checks settings when the kernel announces a change of a link or of ethtool's settings, and \
      at each interval those that it never announces (RPS and XPS masks, NAPI, interrupts). Names \
      the likely culprit as verify does, and what the kernel announced.

      Examples:
        rxtune watch
            Report drift until Ctrl-C.
        rxtune watch --repair
            Report drift, and restore settings.
      """)

  @Argument(
    help: "Watch only these devices. (default: all with changes in force)",
    completion: Completions.devices)
  var devices: [String] = []

  @Flag(name: .long, help: "Restore settings that drifted.")
  var repair = false

  @Option(time: "Time between two looks.")
  var interval = Span(milliseconds: 5_000)

  @Flag(name: .long, help: "Print JSON Lines.")
  var json = false

  @OptionGroup var state: StateOptions

  func run() throws {
    let changes = state.changes()
    let identities = Identities(changes.settings.host.kernel)
    // Whatever they are called later.
    let devices = try named(changes.settings.host).compactMap(identities.named)
    let watch = try changes.watch()
    let monitor = try EventMonitor(LiveKernel())
    let pause = Int32(clamping: max(100, interval.milliseconds))
    var events: [DeviceEvent] = []
    while true {
      let outcome = try look(watch, devices, events)
      if outcome != .blocked { events = [] }
      var new = try monitor.wait(timeoutMilliseconds: outcome == .repaired ? 0 : pause)
      if !new.isEmpty {
        // A driver that resets announces much in a row: one look afterwards will do.
        for _ in 0..<20 {
          let more = try monitor.wait(timeoutMilliseconds: 100)
          if more.isEmpty { break }
          new += more
        }
      }
      let names = devices.flatMap { [$0.name] + (identities.current($0).map { [$0.name] } ?? []) }
      // What a repair of ours set off is nobody else's doing.
      guard outcome != .repaired else { continue }
      try report(new, names)
      events += new
    }
  }

  private enum Outcome { case looked, repaired, blocked }

  private func named(_ host: Host) throws -> [String] {
    guard !devices.isEmpty else { return [] }
    return try host.allDevices(named: devices).map(\.name)
  }

  private func look(
    _ watch: Changes.Watch, _ devices: [DeviceIdentity], _ events: [DeviceEvent]
  ) throws -> Outcome {
    guard let news = try watch.look(devices: devices, repairs: repair, events: events) else {
      return .blocked
    }
    for event in news {
      try say(DriftDocument(event, at: .now()).printed(as: json ? .jsonLine : .text))
    }
    return news.contains { $0.isOfRepair } ? .repaired : .looked
  }

  private func say(_ line: String) throws {
    // Nobody reads any more.
    guard Console.show(line) else { throw ExitCode.success }
  }

  private func report(_ events: [DeviceEvent], _ devices: [String]) throws {
    guard !json else { return }
    var seen: Set<String> = []
    for event in events where devices.isEmpty || event.device.map(devices.contains) ?? true {
      let line = "\(event.device ?? "host"): saw \(event.command)"
      if seen.insert(line).inserted { try say("\(TimeStamp.now()) \(line)\n") }
    }
  }
}

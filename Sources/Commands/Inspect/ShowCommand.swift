import ArgumentParser
import KernelIO
import Knobs
import Notation
import ReceivePath
import Rendering

extension Stage: ExpressibleByArgument {
  package init?(argument: String) { self.init(named: argument) }

  // As ArgumentParser's own, which looks a dozen types up for it.
  package static var allValueStrings: [String] { allCases.map(\.rawValue) }
  package static var allValueDescriptions: [String: String] { [:] }
}

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    // Parsed alone, it need not look for --generate-completion-script: that is the root's.
    _superCommandName: "rxtune",
    abstract: "Show the receive path: queues, interrupts, steering and sockets.",
    discussion: """
      Prints a line or two per stage for each device, then its queue paths: each receive queue \
      with its IRQ, NAPI instance, CPUs, share of the RSS table and RPS CPUs. Then come the \
      softnet counters of each CPU, the listening sockets and what they dropped. The join column \
      says how a queue's IRQ is known:
        kernel: reported by netlink
        msi: one of the device's MSI vectors, matched by its name
        name: matched by its name alone, on a line that other devices may share

      Without a device, shows the physical ones, or all but loopback if there are none. Where a \
      value is missing, the reason stands in its place. With --json and neither a device nor \
      --stage, the document has a host object, too: CPU times, ksoftirqd, packet sockets, \
      connection tracking and forwarding.

      Examples:
        rxtune show eth0
            Show all stages and queue paths of eth0.
        rxtune show eth0 --stage irq napi
            Show when eth0 interrupts and how it is polled.
        rxtune show --json --from db7.capture
            Print a host that was recorded elsewhere as JSON.
      """)

  @Argument(help: "Devices to show.", completion: Completions.devices)
  var devices: [String] = []

  @Option(
    name: .long, parsing: .upToNextOption,
    help: "Show only these stages: \(Stage.allCases.map(\.rawValue).joined(separator: ", ")).")
  var stage: [Stage] = []

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @Flag(
    name: .long,
    help: "Refresh whenever the kernel announces a change of these devices (link, ethtool).")
  var follow = false

  @Option(name: .customLong("from"), help: .capture, completion: .file())
  var capture: String?

  func validate() throws {
    if follow && capture != nil {
      throw ValidationError("--follow waits for changes: a recorded host has none")
    }
    if follow && devices.isEmpty { throw ValidationError("--follow needs a device to follow") }
  }

  func run() throws {
    if follow { return try followChanges() }
    let host = try Host.from(capture)
    if json { host.collectUnknownAttributes() }
    let (links, unknown, all) = try host.devices(named: devices)
    if links.isEmpty, let unknown { throw unknown }
    let document = ShowDocument(snapshot(links, among: all, host), stages: stage)
    try print(document, as: OutputFormat(json: json), failing: unknown)
    // The process's end closes all sockets at once.
    withExtendedLifetime(host) { Self.exit() }
  }

  func snapshot(_ links: [Link], among all: [Link]? = nil, _ host: Host) -> HostSnapshot {
    host.snapshot(
      of: links, among: all, withSockets: stage.isEmpty || stage.contains(.socket),
      isWhole: json && devices.isEmpty && stage.isEmpty)
  }

  private func render(_ snapshot: HostSnapshot) -> String {
    ShowDocument(snapshot, stages: stage)
      .printed(as: json ? .jsonLine : .text)
  }

  /// Paints, waits for announcements about the devices, and paints again, until a device is gone
  /// or nobody reads.
  private func followChanges() throws {
    let kernel = LiveKernel()
    let host = Host(kernel)
    if json { host.collectUnknownAttributes() }
    // Joined before the first look: what changes in between is announced, not missed.
    let monitor = try EventMonitor(kernel)
    var reason = "waiting for changes"
    while true {
      let (links, unknown, all) = try host.devices(named: devices)
      if let unknown { throw unknown }
      let clear = Console.isTerminal && !json ? "\u{1b}[H\u{1b}[2J" : ""
      let footer = json ? "" : "\n-- \(Terminal.printable(reason))\n"
      guard Console.show(clear + render(snapshot(links, among: all, host)) + footer) else { return }
      reason = try nextChange(of: links, monitor)
    }
  }

  /// Waits for an announcement about one of `links`, and for the burst that it comes in to end.
  private func nextChange(of links: [Link], _ monitor: EventMonitor) throws -> String {
    var words: [String] = []
    while true {
      // 100 ms of silence end a burst: a channel change announces itself in several messages.
      let events = try monitor.wait(timeoutMilliseconds: words.isEmpty ? -1 : 100)
      if events.isEmpty && !words.isEmpty { return words.joined(separator: ", ") }
      for event in events where event.concerns(links) {
        let word = "\(event.device ?? "host") \(event.command)"
        if !words.contains(word) { words.append(word) }
      }
    }
  }
}

extension DeviceEvent {
  fileprivate func concerns(_ links: [Link]) -> Bool {
    // What was lost may be of any.
    index.map { index in links.contains { UInt32(bitPattern: $0.index) == index } } ?? true
  }
}

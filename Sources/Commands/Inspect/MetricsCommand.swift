import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Tuning

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    _superCommandName: "rxtune",
    abstract: "Print metrics for Prometheus: queues, listeners, drift.",
    discussion: """
      Prints what node_exporter does not have, in Prometheus' text format 0.0.4: packets, drops, \
      interrupts and RSS share per receive queue, the accept queue of each TCP listener, and \
      whether the settings that rxtune set still hold. What is unknown has no sample. An IRQ and \
      its CPUs are labels of rxtune_queue_info alone, so one that moves starts a single series; \
      join it for the CPU:
        rate(rxtune_queue_interrupts_total[5m])
        * on (instance, device, queue) group_left (cpu) rxtune_queue_info

      With --textfile, replaces a file for node_exporter's textfile collector in one step. \
      systemctl enable --now rxtune-metrics.timer does so once a minute; alert rules and a Grafana \
      dashboard are in share/rxtune/metrics.

      Settings need root, as their journals do. A queue has five series: where a host has hundreds \
      of queues, name the devices or leave queues out. Without a device, covers the physical ones, \
      or all but loopback if there are none.

      Examples:
        rxtune metrics
            Print the metrics of this host.
        rxtune metrics eth0 --textfile /var/lib/prometheus/node-exporter/rxtune.prom
            Write them for node_exporter.
        rxtune metrics --no-queues --json
            Print listeners and drift as JSON.
      """)

  @Argument(help: "Devices whose queues to cover.", completion: Completions.devices)
  var devices: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write to this file, *.prom, instead of standard output.", valueName: "file"),
    completion: .file(extensions: ["prom"]))
  var textfile: String?

  @Flag(name: .customLong("no-queues"), help: "Leave out receive queues.")
  var skipsQueues = false

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @Option(name: .customLong("from"), help: .capture, completion: .file())
  var capture: String?

  @OptionGroup var state: StateOptions

  func validate() throws {
    if skipsQueues && !devices.isEmpty {
      throw ValidationError("--no-queues leaves out what devices are named for")
    }
    guard let textfile else { return }
    if json { throw ValidationError("--textfile writes Prometheus' text: leave out --json") }
    guard textfile.hasSuffix(".prom") else {
      throw ValidationError("--textfile \(textfile): node_exporter reads files named *.prom")
    }
  }

  func run() throws {
    let host = try Host.from(capture)
    var reading = MetricsReading(version: Release.version)
    let missing = skipsQueues ? nil : try readQueues(of: host, into: &reading)
    reading.listeners = try? host.listeners()
    if capture == nil { reading.upkeep = try? state.changes().upkeep() }
    let document = MetricsDocument(reading)
    guard let textfile else {
      return try print(document, as: OutputFormat(json: json), failing: missing)
    }
    try LocalFile.write(textfile, Array(document.text(as: .text).utf8))
    if let missing { throw missing }
  }

  /// - Returns: a failure that tells which devices are not here; the others are read all the same. A
  ///   namespace without devices has listeners.
  private func readQueues(of host: Host, into reading: inout MetricsReading) throws -> Failure? {
    var (links, all): ([Link], [Link])
    var unknown: Failure?
    if devices.isEmpty {
      all = try host.links()
      links = host.chosen(all, named: []).links
    } else {
      (links, unknown, all) = try host.devices(named: devices)
    }
    reading.devices = host.deviceQueues(of: links, among: all, isCounted: true)
    return unknown
  }
}

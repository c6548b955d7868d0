import ArgumentParser
import Knobs
import ReceivePath
import Rendering

/// `rxtune get`: the values of knobs, where they are and where they came from.
struct GetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Print knob values.",
    usage: "rxtune get <knob> ... [<device> ...] [--json] [--from <capture>]",
    discussion: """
      Prints each knob at every place that has it: the host, a device, its queues, NAPI instances \
      or interrupts. Name a knob by its id, by the last part of its id if that is unique \
      (netdev_budget), by its stage (gro) or group (coalesce), or by a pattern (queue.*cpus). \
      rxtune-knobs(7) lists all knobs.

      Without a device, reads the physical ones, or all but loopback if there are none. Ranges \
      include the limits that the device reports; "[fixed]" marks what the driver cannot switch. \
      Where there is no value, the reason stands in its place.

      Changes nothing, and needs no privilege except for /dev/cpu_dma_latency.

      Examples:
        rxtune get coalesce.rx-usecs eth0
            Print how long eth0 delays its receive interrupts.
        rxtune get rings channels eth0 eth1
            Print ring sizes and channels of two devices, with their maxima.
        rxtune get gro eth0
            Print all settings of the GRO stage.
        rxtune get queue.rps-cpus queue.xps-cpus eth0
            Print the RPS and XPS CPUs of each queue.
        rxtune get 'net.core.*' --json
            Print host settings as JSON.

      Exit status:
        0  At least one value was read.
        1  Nothing could be read.
      """)

  @Argument(
    help: ArgumentHelp(
      "Knobs, stages, groups or patterns, and devices, in any order.", valueName: "knob|device"),
    completion: Completions.knobsAndDevices)
  var names: [String]

  @Flag(help: "Print JSON.")
  var json = false

  @Option(name: .customLong("from"), help: .capture, completion: .file())
  var capture: String?

  func run() throws {
    let host = try Host.from(capture)
    let arguments = try KnobArguments(names, on: host)
    let answers = SharedAnswers()
    let names = PlaceNames(host)
    let rows = arguments.knobs.flatMap { knob in
      host.survey(knob, on: arguments.links.map(\.name), sharing: answers, names: names)
    }
    let isRead = rows.contains { $0.reading.value != nil }
    try print(
      KnobReadings(rows), as: OutputFormat(json: json),
      failing: isRead ? nil : Failure(said: "nothing could be read", .notSupported))
  }
}

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
      Each knob is printed at every place that has one: the host, a device, its queues, NAPI \
      instances or interrupts. A knob is named by its id, by its last part where only one knob \
      ends in it (netdev_budget), by its stage (gro) or group (coalesce), or by a pattern \
      (queue.*cpus); rxtune-knobs(7) lists them all.

      Without a device the physical ones are meant, or where there are none, all but loopback. \
      The range counts what the device reports as its limits; "[fixed]" marks what the driver \
      offers no switch for. Where there is no value, the reason stands in its place.

      Nothing is changed, and no privilege is needed but for /dev/cpu_dma_latency.

      Examples:
        rxtune get coalesce.rx-usecs eth0
            How long eth0 delays its receive interrupts.
        rxtune get rings channels eth0 eth1
            Ring sizes and channels of two devices, with what they have at most.
        rxtune get gro eth0
            All settings of the GRO stage.
        rxtune get queue.rps-cpus queue.xps-cpus eth0
            Which CPUs steering spreads the packets of each queue over.
        rxtune get 'net.core.*' --json
            Host settings for a program to read.

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

  @OptionGroup var kernel: KernelOptions

  func run() throws {
    let host = try kernel.host()
    let arguments = try KnobArguments(names, on: host)
    let answers = SharedAnswers()
    let rows = arguments.knobs.flatMap { knob in
      host.survey(knob, on: arguments.links.map(\.name), sharing: answers)
        .map { KnobRow(knob, $0.target, $0.reading) }
    }
    if json {
      print(KnobJSON.readings.encode(rows).text(), terminator: "")
    } else {
      for line in Table.knobs(rows).lines() { print(line) }
    }
    guard rows.contains(where: { $0.reading.value != nil }) else { throw ExitCode.failure }
  }
}

import ArgumentParser
import Knobs
import ReceivePath
import Rendering

extension Stage: ExpressibleByArgument {}

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the receive path: queues, interrupts, steering and sockets.",
    discussion: """
      Without a device: the physical ones, or all but loopback where there is none. What a device \
      or a kernel lacks, or what needs privilege, is said in its place.
      """)

  @Argument(help: "Devices to show.", completion: .shellCommand("ls /sys/class/net"))
  var devices: [String] = []

  @Option(
    name: .long, parsing: .upToNextOption,
    help: "Show only these stages: \(Stage.allCases.map(\.rawValue).joined(separator: ", ")).")
  var stage: [Stage] = []

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var kernel: KernelOptions

  func run() throws {
    let host = try kernel.host()
    let links = try host.links()
    let (chosen, unknown) = host.chosen(links, named: devices)
    let snapshot = host.snapshot(of: chosen)
    if json {
      print(ShowJSON(stages: Set(stage)).json(snapshot).text(), terminator: "")
    } else {
      print(ShowText(snapshot, stages: Set(stage)).lines.joined(separator: "\n"))
    }
    _ = unknown
  }
}

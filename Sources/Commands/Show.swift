import ArgumentParser
import Knobs
import ReceivePath
import Rendering

extension Stage: ExpressibleByArgument {}

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the receive path: queues, interrupts, steering and sockets.",
    discussion: """
      For every device a line or two a stage, and below them its queue paths: each receive queue \
      with its IRQ (and how the join is known: kernel, msi, name), NAPI instance, CPUs, share of \
      the RSS table and RPS CPUs. Then what the host's CPUs and sockets make of it.

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
    let (links, unknown) = try host.devices(named: devices)
    if !links.isEmpty {
      let snapshot = host.snapshot(of: links)
      if json {
        print(ShowJSON.shape(stages: Set(stage)).encode(snapshot).text(), terminator: "")
      } else {
        print(ShowText(snapshot, stages: Set(stage)).lines.joined(separator: "\n"))
      }
    }
    if !unknown.isEmpty { throw ExitCode.failure }
  }
}

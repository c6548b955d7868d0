import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Tuning

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a profile would change, and why; change nothing.",
    discussion: "Exit status: 0 nothing to change, 2 there are changes, 1 it cannot be.")

  @Argument(help: "A profile's name, or a file.")
  var profile: String

  @Argument(help: "Devices.", completion: .shellCommand("ls /sys/class/net"))
  var devices: [String] = []

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var kernel: KernelOptions

  func run() throws {
    let host = try kernel.host()
    let profile = try ProfileLibrary().profile(profile)
    let (links, unknown) = try host.devices(named: devices)
    guard unknown.isEmpty else { throw ExitCode.failure }
    let settings = HostSettings(host)
    var plan = Planner(settings) { settings.ground($0) }
      .plan(profile.requests, devices: links.map(\.name))
    let interrupts = plan.devices.flatMap { settings.interrupts(ofQueues: $0).values }
    if let finding = IRQBalance.finding(
      plan, pid: IRQBalance.pid(host.kernel), interrupts: interrupts, handling: .refuse)
    {
      plan.findings.append(finding)
    }
    if json {
      print(PlanJSON.document(plan).text(), terminator: "")
    } else {
      print(PlanText(plan).lines.joined(separator: "\n"))
    }
    if plan.findings.contains(where: { $0.severity == .impossible }) { throw ExitCode.failure }
    if !plan.changes.isEmpty { throw ExitStatus.difference }
  }
}

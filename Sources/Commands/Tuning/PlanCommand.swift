import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Tuning

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a profile would change, and why.",
    discussion: """
      Old and new value of everything that would be written, in the order of the writes, with the \
      reason from the profile, the risk of each, and what it resets. What the device cannot do \
      (values beyond its maxima, features it refuses, CPUs that are offline) is a finding here, not \
      a surprise in apply. It works on a recorded host too.

      Examples:
        rxtune plan spread eth0
            What the built-in profile would change here.
        rxtune plan ./web.yaml eth0 --from db7.capture
            What a profile would change on a host that was recorded.

      Exit status:
        2  There are changes to make.
      """)

  @Argument(help: "A profile's name, or a file.", completion: Completions.profiles)
  var profile: String

  @Argument(
    help: "Devices, where the profile has settings of theirs.",
    completion: Completions.devices)
  var devices: [String] = []

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var kernel: KernelOptions

  func run() throws {
    let host = try kernel.host()
    let name = profile
    let profile = try ProfileLibrary().profile(name)
    let devices = try profile.devices(named: devices, on: host)
    let settings = HostSettings(host)
    var plan = Planner(settings) { settings.ground($0) }
      .plan(profile.requests, devices: devices, profile: name)
    if let finding = IRQBalance.finding(
      plan, pid: IRQBalance.pid(host.kernel),
      interrupts: plan.devices.flatMap { settings.interrupts(ofQueues: $0).values },
      handling: .refuse)
    {
      plan.findings.append(finding)
    }
    if json {
      print(PlanJSON.shape.encode(plan).text(), terminator: "")
    } else {
      print(PlanText(plan).lines.joined(separator: "\n"))
    }
    if plan.findings.contains(where: { $0.severity == .impossible }) { throw ExitCode.failure }
    if !plan.changes.isEmpty { throw ExitStatus.difference }
  }
}

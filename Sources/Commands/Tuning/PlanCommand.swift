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
      Prints the old and new value of every write, in order, with the reason from the profile, \
      the risk and what the write resets. Caveats name what the device cannot do (values beyond \
      its maxima, features that it refuses, offline CPUs), before apply would meet it. Works on a \
      recorded host (--from) as well.

      Examples:
        rxtune plan spread eth0
            Show what the built-in profile would change here.
        rxtune plan ./web.yaml eth0 --from db7.capture
            Show what a profile would change on a recorded host.

      Exit status:
        2  There are changes to make.
      """)

  @Argument(help: .profile, completion: Completions.profiles)
  var profile: String

  @Argument(
    help: "Devices, if the profile has device settings.",
    completion: Completions.devices)
  var devices: [String] = []

  @Option(name: .long, help: .maxRisk)
  var maxRisk = RiskLimit.flap

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @Option(name: .customLong("from"), help: .capture, completion: .file())
  var capture: String?

  func validate() throws {
    if profile == "-" && capture == "-" {
      throw ValidationError("the profile and --from cannot both be standard input")
    }
  }

  func run() throws {
    let host = try Host.from(capture)
    let name = profile
    let profile = try ProfileLibrary().profile(name, orStandardInput: true)
    let devices = try profile.devices(named: devices, on: host)
    let settings = HostSettings(host)
    var plan = Planner(settings)
      .plan(profile.requests, devices: devices, profile: name)
    plan.caveats += maxRisk.caveats(plan)
    plan.caveats += IRQBalance.caveats(plan, on: settings, handling: .refuse)
    try print(plan, as: OutputFormat(json: json), failing: plan.failure(force: true))
    if !plan.changes.isEmpty { throw ExitStatus.difference }
  }
}

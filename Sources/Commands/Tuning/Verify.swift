import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Tuning

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that what was set is still so; say what probably changed it.",
    discussion: """
      Without a profile: all changes that are in force. For each knob: what was wanted, what was \
      found, and what probably changed it (irqbalance, a channel change since, the interface that \
      went down and up, another program). A value that cannot be read is a failure, and so is \
      finding nothing to look at.

      Examples:
        rxtune verify
            Whether everything that rxtune changed since boot is still so.
        rxtune verify spread eth0
            Whether eth0 is as the profile wants it.

      Exit status:
        2  Something is not as it was set.
      """)

  @Argument(help: "A profile's name, or a file.")
  var profile: String?

  @Argument(
    help: "Devices, where the profile has settings of theirs.",
    completion: .shellCommand("ls /sys/class/net"))
  var devices: [String] = []

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  func run() throws {
    let settings = HostSettings(Host(LiveKernel()))
    let verification = try profile.map { try verify($0, settings) } ?? verifyChanges(settings)
    if json {
      print(VerificationJSON.shape.encode(verification).text(), terminator: "")
    } else {
      print(VerificationText(verification).lines.joined(separator: "\n"))
    }
    if !verification.isGood { throw ExitStatus.difference }
  }

  private func verify(_ name: String, _ settings: HostSettings) throws -> Verification {
    let profile = try ProfileLibrary().profile(name)
    let devices = try profile.devices(named: devices, on: settings.host)
    let plan = Planner(settings) { settings.ground($0) }
      .plan(profile.requests, devices: devices)
    let last = try? state.record().journals().last { $0.state == .committed }
    return Verification(plan, settings, traces: Self.traces(settings), last: last)
  }

  private func verifyChanges(_ settings: HostSettings) throws -> Verification {
    let tuner = try ChangeSession.tuner(settings, state.record())
    return Verification(inForce: try tuner.entries(), settings, traces: Self.traces(settings))
  }

  static func traces(_ settings: HostSettings) -> Traces {
    let kernel = settings.host.kernel
    return Traces(
      identities: Identities(kernel),
      queues: { settings.queues(of: $0) }, irqbalance: IRQBalance.pid(kernel))
  }
}

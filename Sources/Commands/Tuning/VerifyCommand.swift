import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Tuning

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that applied settings still hold; name the likely culprit if not.",
    discussion: """
      Without a profile, checks all changes in force. For each setting that does not hold, prints \
      the value set, the value found, and the likely culprit, from the traces that events leave: \
      a later change by rxtune, a channel change (which recreates queues), another setting that \
      resets this one, a link that went down and up, a driver reset, CPUs that went offline, \
      irqbalance. "another program wrote it" means that none of these happened; "unknown" names \
      what could not be examined. A value that cannot be read fails, and so does a check that \
      finds nothing to check.

      Examples:
        rxtune verify
            Check everything that rxtune changed since boot.
        rxtune verify spread eth0
            Check that eth0 matches a profile.

      Exit status:
        2  A setting does not hold, or there is nothing to check.
      """)

  @Argument(help: .profile, completion: Completions.profiles)
  var profile: String?

  @Argument(
    help: "Devices, if the profile has device settings.",
    completion: Completions.devices)
  var devices: [String] = []

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  func run() throws {
    let changes = state.changes()
    let verification = try profile.map { try verify($0, changes) } ?? changes.verification()
    try print(verification, as: OutputFormat(json: json))
    if !verification.isGood { throw ExitStatus.difference }
  }

  private func verify(_ name: String, _ changes: Changes) throws -> Verification {
    let profile = try ProfileLibrary().profile(name, orStandardInput: true)
    let devices = try profile.devices(named: devices, on: changes.settings.host)
    return changes.verification(
      of: Planner(changes.settings).plan(profile.requests, devices: devices))
  }
}

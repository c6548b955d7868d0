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

  @Argument(help: "Name of a profile, or a file.", completion: Completions.profiles)
  var profile: String?

  @Argument(
    help: "Devices, if the profile has device settings.",
    completion: Completions.devices)
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
    let plan = Planner(settings)
      .plan(profile.requests, devices: devices)
    // What nobody may read tells nothing of who was at it.
    let journals = (try? ChangeSession.tuner(settings, state.record()).entries())?
      .compactMap { try? $0.journal.get() }
    return Verification(
      plan, settings, evidence: Self.evidence(settings), journals: journals ?? [])
  }

  private func verifyChanges(_ settings: HostSettings) throws -> Verification {
    let tuner = try ChangeSession.tuner(settings, state.record())
    return Verification(inForce: try tuner.entries(), settings, evidence: Self.evidence(settings))
  }

  static func evidence(_ settings: HostSettings) -> Evidence {
    let kernel = settings.host.kernel
    return Evidence(
      identities: Identities(kernel),
      fingerprint: { settings.fingerprint(of: $0) }, hint: { settings.hint(at: $0) },
      irqbalance: IRQBalance.pid(kernel))
  }
}

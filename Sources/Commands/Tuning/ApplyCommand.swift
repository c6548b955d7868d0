import ArgumentParser
import Tuning

struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Apply a profile, atomically.",
    discussion: """
      Records the old values in a journal, then writes, and reads each write back; if one fails, \
      restores all. rxtune plan shows beforehand what would change. With --confirm-within the \
      change rolls itself back unless rxtune confirm follows in time: the way home when a change \
      cuts your runner.

      Devices named together share the host: where a profile spreads interrupts over cores, each \
      device continues where the one before it ended, starting on its own NUMA node.

      Examples:
        rxtune apply spread eth0
            Spread interrupts, one per core, starting on the device's NUMA node.
        rxtune apply throughput eth0 --confirm-within 60s
            Apply a profile over SSH, and roll back unless confirmed within a minute.
        rxtune apply spread eth0 eth1
            Spread the interrupts of two devices over different cores, as far as
            there are enough.
      """)

  @Argument(help: .profile, completion: Completions.profiles)
  var profile: String

  @Argument(
    help: "Devices, if the profile has device settings.",
    completion: Completions.devices)
  var devices: [String] = []

  @OptionGroup var options: ChangeOptions

  func run() throws {
    let found = try ProfileLibrary().profile(profile, orStandardInput: true)
    let runner = ChangeRunner(
      options, command: (["apply", profile] + devices).joined(separator: " "))
    try runner.run(
      found.requests, devices: try found.devices(named: devices, on: runner.settings.host),
      profile: profile)
  }
}

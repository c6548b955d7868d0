import ArgumentParser
import Tuning

struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Apply a profile, atomically.",
    discussion: """
      What was there before goes to a journal first, each write is read back, and on a refusal \
      all is put back. rxtune plan shows beforehand what would change. With --confirm-within the \
      change rolls itself back unless rxtune confirm follows in time: the way home when a change \
      cuts the session that made it.

      Devices that are named together share the host: where a profile spreads vectors over cores, \
      each device goes on where the one before it ended, its own NUMA node first.

      Examples:
        rxtune apply spread eth0
            One vector a core, the device's NUMA node first.
        rxtune apply throughput eth0 --confirm-within 60s
            The same for another profile, over SSH.
        rxtune apply spread eth0 eth1
            Two devices, whose vectors are on different cores as long as there are enough.
      """)

  @Argument(help: "A profile's name, or a file.", completion: Completions.profiles)
  var profile: String

  @Argument(
    help: "Devices, where the profile has settings of theirs.",
    completion: Completions.devices)
  var devices: [String] = []

  @OptionGroup var options: ChangeOptions

  func run() throws {
    let found = try ProfileLibrary().profile(profile)
    let session = ChangeSession(
      options, command: (["apply", profile] + devices).joined(separator: " "))
    try session.run(
      found.requests, devices: try found.devices(named: devices, on: session.settings.host),
      profile: profile)
  }
}

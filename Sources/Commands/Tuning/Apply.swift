import ArgumentParser
import Tuning

struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Carry a profile out: all of it, or nothing.",
    discussion: """
      What was there before goes to a journal first, each write is read back, and on a refusal \
      all is put back. rxtune plan shows beforehand what would change.
      """)

  @Argument(help: "A profile's name, or a file.")
  var profile: String

  @Argument(help: "Devices.", completion: .shellCommand("ls /sys/class/net"))
  var devices: [String] = []

  @OptionGroup var options: ChangeOptions

  func run() throws {
    let requests = try ProfileLibrary().profile(profile).requests
    let session = ChangeSession(
      options, command: (["apply", profile] + devices).joined(separator: " "))
    try session.run(requests, devices: try session.devices(named: devices))
  }
}

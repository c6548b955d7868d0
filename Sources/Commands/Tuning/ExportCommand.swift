import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Tuning

extension Export.Format: ExpressibleByArgument {}

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a profile in the words of other programs.",
    discussion: """
      The profile is resolved for the device first. What the format cannot express is listed on \
      standard error, and makes the exit status 2.

      Examples:
        rxtune export spread eth0 --format systemd-link
            The part of it that systemd.link(5) can express.

      Exit status:
        2  The format cannot express all of the profile.
      """)

  @Option(name: .long, help: "systemd-link, sysctl.d, ethtool or networkmanager.")
  var format: Export.Format

  @Argument(help: "A profile's name, or a file.")
  var profile: String

  @Argument(help: "The device.", completion: .shellCommand("ls /sys/class/net"))
  var device: String

  @OptionGroup var kernel: KernelOptions

  func run() throws {
    let host = try kernel.host()
    let profile = try ProfileLibrary().profile(profile)
    let link = try host.device(named: device)
    let settings = HostSettings(host)
    let plan = Planner(settings) { settings.ground($0) }
      .plan(profile.requests, devices: [link.name])
    // In the order in which they are written: programs read from the top.
    let wanted = WriteOrder.sorted(plan.changes.map(\.setting) + plan.satisfied)
    let export = Export(wanted, device: link.name, format: format)
    print(export.text, terminator: "")
    for setting in export.left {
      Console.complain(
        "rxtune: \(format.rawValue) cannot say \(setting.description) = \(setting.value.description)"
      )
    }
    if export.text.isEmpty || !export.left.isEmpty { throw ExitStatus.difference }
  }
}

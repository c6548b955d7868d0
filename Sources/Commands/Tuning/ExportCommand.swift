import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Rendering
import Tuning

extension Export.Format: ExpressibleByArgument {}

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Export a profile for systemd.link, sysctl.d, ethtool or NetworkManager.",
    discussion: """
      Resolves the profile for the device first. Knobs that the format cannot express are named \
      in comments and on standard error, one per line, and the exit status is 2. A .link file \
      matches the device by its permanent address or its path, and keeps the naming policy of the \
      file that applies today, because only the first .link file that matches applies.

      Examples:
        rxtune export spread eth0 --format systemd-link
            Write the settings that systemd.link(5) can express.

      Exit status:
        2  The format cannot express the whole profile.
      """)

  @Option(name: .long, help: "systemd-link, sysctl.d, ethtool or networkmanager.")
  var format: Export.Format

  @Argument(help: "Name of a profile, or a file.", completion: Completions.profiles)
  var profile: String

  @Argument(help: "Device.", completion: Completions.devices)
  var device: String

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @Option(name: .customLong("from"), help: .capture, completion: .file())
  var capture: String?

  func run() throws {
    let host = try Host.from(capture)
    let profile = try ProfileLibrary().profile(profile)
    let link = try host.device(named: device)
    let settings = HostSettings(host)
    let plan = Planner(settings)
      .plan(profile.requests, devices: [link.name])
    // In the order in which they are written: programs read from the top.
    let wanted = WriteOrder.sorted(plan.changes.map(\.setting) + plan.satisfied)
    let export = Export(
      wanted, device: link.name,
      receiveQueues: (try? settings.receiveQueues(of: link.name)) ?? 0,
      linkFile: host.linkFile(link, isHere: capture == nil), format: format)
    try print(export, as: OutputFormat(json: json))
    for omission in export.omissions {
      Console.report(.warning, "\(format.rawValue) cannot express \(omission.description)")
    }
    if export.text.isEmpty || !export.omissions.isEmpty { throw ExitStatus.difference }
  }
}

import ArgumentParser
import Knobs
import Tuning

/// `channels` and `rings`: NAME=NUMBER of one ethtool message, as ethtool -L and -G take it.
struct ChannelsCommand: ParsableCommand {
  private static let policies = Policy.suiting(.channelsCombined).filter { $0 != .max }
    .map(\.name).joined(separator: ", ")

  static let configuration = CommandConfiguration(
    commandName: "channels", abstract: "Set how many queues a device serves (ethtool -L).",
    discussion: """
      Takes a number, max, or a policy (\(policies)). A channel change recreates the \
      queues. rxtune restores the RPS masks and NAPI settings of the queues that remain, and \
      leaves IRQ affinities and XPS as the driver sets them for the new number; a rollback \
      restores those too. The kernel refuses fewer channels than an RSS table or a flow rule \
      uses.

      Examples:
        rxtune channels eth0 combined=8
            Use eight queues that both receive and transmit.
        rxtune channels eth0 combined=max --confirm-within 60s
            Use as many as the device has, and roll back unless confirmed.
      """)

  @Argument(help: "Device.", completion: Completions.devices)
  var device: String

  @Argument(help: "Numbers: rx=N, tx=N, other=N or combined=N.")
  var values: [String]

  @OptionGroup var options: ChangeOptions

  func run() throws {
    try ParameterChange.run(.channels, device, values, options)
  }
}

struct RingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rings", abstract: "Set the sizes of a device's rings (ethtool -G).",
    discussion: """
      Takes a number of descriptors, or max. Drivers round to what the hardware supports; rxtune \
      prints the size that it finds afterwards. The link may flap while the driver recreates its \
      rings.

      Examples:
        rxtune rings eth0 rx=max tx=512
            Use the largest receive rings, and transmit rings of 512 descriptors.
      """)

  @Argument(help: "Device.", completion: Completions.devices)
  var device: String

  @Argument(help: "Values: rx=N, tx=N, rx-buf-len=BYTES, …")
  var values: [String]

  @OptionGroup var options: ChangeOptions

  func run() throws {
    try ParameterChange.run(.rings, device, values, options)
  }
}

enum ParameterChange {
  static func run(
    _ group: Knob.Group, _ device: String, _ values: [String], _ options: ChangeOptions
  ) throws {
    let requests = try values.map { word in
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let knob = Knob.named("\(group.name).\(parts[0])"),
        group.contains(knob)
      else {
        let names = group.knobs.filter(\.isWritable).map { "\($0.name)=VALUE" }
        throw ValidationError("\"\(word)\": use \(names.joined(separator: ", "))")
      }
      return Request(knob, Request.Value(String(parts[1]), for: knob))
    }
    guard !requests.isEmpty else { throw ValidationError("nothing to set") }
    let runner = ChangeRunner(
      options, command: ([group.name, device] + values).joined(separator: " "))
    try runner.run(requests, devices: try runner.devices(named: [device]))
  }
}

import ArgumentParser
import Knobs
import Tuning

/// `channels` and `rings`: NAME=NUMBER of one ethtool message, as ethtool -L and -G take it.
struct ChannelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channels", abstract: "Set how many queues a device serves (ethtool -L).",
    discussion: """
      Takes a number, max, or a policy (spread, one-to-one). A channel change makes the queues \
      anew: RPS masks and NAPI settings that it resets are put back for the queues that remain; \
      IRQ affinities and XPS are left as the driver lays them out for the new number, and come \
      back with a rollback. It is refused below what an RSS table or a rule uses.

      Examples:
        rxtune channels eth0 combined=8
            Eight queues that receive and transmit.
        rxtune channels eth0 combined=max --confirm-within 60s
            As many as the device has, if the session survives it.
      """)

  @Argument(help: "The device.", completion: Completions.devices)
  var device: String

  @Argument(help: "rx, tx, other or combined, each =NUMBER.")
  var values: [String]

  @OptionGroup var options: ChangeOptions

  func run() throws {
    try ParameterChange.run("channels", device, values, options)
  }
}

struct RingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rings", abstract: "Set the sizes of a device's rings (ethtool -G).",
    discussion: """
      Takes a number of descriptors, or max. Drivers round to what their hardware can do: what \
      was found afterwards is printed. The link may flap while rings are made anew.

      Examples:
        rxtune rings eth0 rx=max tx=512
            The longest receive rings, transmit rings of 512.
      """)

  @Argument(help: "The device.", completion: Completions.devices)
  var device: String

  @Argument(help: "rx, tx, rx-buf-len, …, each =VALUE.")
  var values: [String]

  @OptionGroup var options: ChangeOptions

  func run() throws {
    try ParameterChange.run("rings", device, values, options)
  }
}

enum ParameterChange {
  static func run(
    _ group: String, _ device: String, _ values: [String], _ options: ChangeOptions
  ) throws {
    let requests = try values.map { word in
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let knob = Knob.named("\(group).\(parts[0])"), knob.group == group
      else {
        let names = Knob.catalogue.filter { $0.group == group }
          .map { String($0.id.dropFirst(group.count + 1)) }
        throw ValidationError("'\(word)': expected one of \(names.joined(separator: ", ")) =VALUE")
      }
      return Request(knob, Request.Wanted(String(parts[1]), for: knob))
    }
    guard !requests.isEmpty else { throw ValidationError("nothing to set") }
    let session = ChangeSession(
      options, command: ([group, device] + values).joined(separator: " "))
    try session.run(requests, devices: try session.devices(named: [device]))
  }
}

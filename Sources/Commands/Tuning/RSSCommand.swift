import ArgumentParser
import Knobs
import ReceivePath
import Tuning

struct RSSCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rss", abstract: "Set how a device spreads flows over its queues (ethtool -X).",
    discussion: """
      Sets the indirection table (equal parts, weights, or entry by entry), the key, the function, \
      the fields of a flow type and the input transform, of the main context. The state now: \
      rxtune get rss eth0. A table that the device only pretends to take shows in rxtune show and \
      in the queues' counters.

      Examples:
        rxtune rss eth0 --equal 4
            Flows over the first four queues alike.
        rxtune rss eth0 --weights 6,2,1,1
            The first queue takes six parts of ten.
        rxtune rss eth0 --table '0*64,1*64'
            Half of the entries each for two queues.
        rxtune rss eth0 --default
            The driver's own table.
      """)

  @Argument(help: "The device.", completion: .shellCommand("ls /sys/class/net"))
  var device: String

  @Option(name: .long, help: "Spread evenly over so many queues, from the first.")
  var equal: Int?

  @Option(name: .long, help: "Spread by weight, one a queue: 6,2,1,1.")
  var weights: String?

  @Option(name: .long, help: "The queue of each entry in order; 3*64 for 64 in a row.")
  var table: String?

  @Flag(name: .customLong("default"), help: "Give the table back to the driver.")
  var givesBack = false

  @Option(name: .long, help: "Hash key: hex bytes separated by colons.")
  var key: String?

  @Option(name: .long, help: "Hash function: toeplitz, xor or crc32.")
  var function: String?

  @Option(
    name: .long, help: "Fields hashed, by flow type: udp4:sdfn; several, separated by commas.")
  var fields: String?

  @Option(name: .long, help: "Hash both directions of a flow alike: xor, or-xor or none.")
  var symmetric: Symmetry?

  enum Symmetry: String, ExpressibleByArgument, CaseIterable {
    case xor
    case orXor = "or-xor"
    case none

    var text: String { self == .none ? "none" : "symmetric-\(rawValue)" }
  }

  @OptionGroup var options: ChangeOptions

  func validate() throws {
    let tables = [equal != nil, weights != nil, table != nil, givesBack].filter { $0 }
    guard tables.count <= 1 else {
      throw ValidationError("one of --equal, --weights, --table and --default at a time")
    }
    if let equal, equal < 1 { throw ValidationError("--equal takes a number of queues from 1 up") }
    let others = [key != nil, function != nil, fields != nil, symmetric != nil]
    guard !tables.isEmpty || others.contains(true) else { throw ValidationError("nothing to set") }
  }

  func run() throws {
    let session = ChangeSession(options, command: "rss \(device)")
    let devices = try session.devices(named: [device])
    var requests: [Request] = []
    func want(_ id: String, _ text: String?) {
      guard let text, let knob = Knob.named(id) else { return }
      requests.append(Request(knob, .literal(text)))
    }
    want("rss.hash-function", function)
    want("rss.hash-key", key)
    want("rss.input-xfrm", symmetric?.text)
    want("rss.hash-fields", fields.map { String($0.map { $0 == "," ? " " : $0 }) })
    want("rss.indirection", try indirection(session, devices.first ?? device))
    try session.run(requests, devices: devices)
  }

  private func indirection(_ session: ChangeSession, _ device: String) throws -> String? {
    if givesBack { return "default" }
    if let equal { return "equal \(equal)" }
    if let table { return table }
    guard let weights else { return nil }
    let numbers = weights.split(separator: ",").map { Int($0) }
    let size = try session.settings.host.rss(device).table.count
    guard let entries = IndirectionTable.weighted(numbers.compactMap { $0 }, size: size),
      numbers.allSatisfy({ $0 != nil })
    else {
      throw ValidationError(
        "--weights takes numbers from 0 up, not all 0, and a device with a table")
    }
    return IndirectionTable.text(entries)
  }
}

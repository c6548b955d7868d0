import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Tuning

struct RSSCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rss", abstract: "Set how a device spreads flows over its queues (ethtool -X).",
    discussion: """
      Sets the indirection table (equal parts, weights, or entry by entry), the key, the function, \
      the fields of a flow type and the input transform. The state now: rxtune get rss eth0. A \
      table that the device only pretends to take shows in rxtune show and in the queues' counters.

      All of it is about the main context, which spreads what no flow rule takes, or with --context \
      about another one: new makes it, its number changes it or, with --delete, removes it. Flow \
      rules send packets there (rxtune ntuple add … context 1), and keep it from being deleted. What \
      is not said of a new context its driver chooses, but for the table: that is spread over all \
      queues.

      Examples:
        rxtune rss eth0 --equal 4
            Flows over the first four queues alike.
        rxtune rss eth0 --weights 6,2,1,1
            The first queue takes six parts of ten.
        rxtune rss eth0 --table '0*64,1*64'
            Half of the entries each for two queues.
        rxtune rss eth0 --default
            The driver's own table.
        rxtune rss eth0 --context new --equal 4 --start 4
            A context of the queues 4 to 7.
        rxtune rss eth0 --context 1 --delete
            Without it.
      """)

  @Argument(help: "The device.", completion: Completions.devices)
  var device: String

  @Option(name: .long, help: "Spread evenly over so many queues, from the first.")
  var equal: Int?

  @Option(name: .long, help: "The first queue of --equal or --weights, instead of 0.")
  var start: Int?

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

  @Option(
    name: .long,
    help: ArgumentHelp("An RSS context besides the main one: its number, or new.", valueName: "n"))
  var context: Context?

  @Flag(name: .long, help: "Delete the context.")
  var delete = false

  enum Context: ExpressibleByArgument, Equatable {
    case new
    case number(UInt32)

    init?(argument: String) {
      if argument == "new" {
        self = .new
      } else if let number = UInt32(argument), number > 0 {
        self = .number(number)
      } else {
        return nil
      }
    }
  }

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
    if let start {
      guard equal != nil || weights != nil else {
        throw ValidationError("--start belongs to --equal or --weights")
      }
      if start < 0 { throw ValidationError("--start takes a queue from 0 up") }
    }
    let others = [key != nil, function != nil, fields != nil, symmetric != nil]
    let isAnything = !tables.isEmpty || others.contains(true)
    if delete {
      guard case .number? = context, !isAnything else {
        throw ValidationError("--delete takes --context and its number, and nothing else")
      }
    } else if context != nil && givesBack {
      throw ValidationError("a context has no table of the driver's own: give --equal")
    } else if context != .new && !isAnything {
      throw ValidationError("nothing to set")
    }
  }

  func run() throws {
    let session = ChangeSession(options, command: command)
    let devices = try session.devices(named: [device])
    if let context, let device = devices.first {
      guard let knob = Knob.named("rss.contexts") else { throw ExitCode.failure }
      // Read again each time it is planned: under the lock there may be others.
      return try session.change { planner in
        let contexts = try contexts(session, device, context)
        let wanted = Request(knob, .literal(RSSContextTable.text(contexts)))
        return planner.plan([wanted], devices: devices)
      }
    }
    var requests: [Request] = []
    func want(_ id: String, _ text: String?) {
      guard let text, let knob = Knob.named(id) else { return }
      requests.append(Request(knob, .literal(text)))
    }
    want("rss.hash-function", function)
    want("rss.hash-key", key)
    want("rss.input-xfrm", symmetric?.text)
    want("rss.hash-fields", spacedFields)
    want("rss.indirection", try indirection(session, devices.first ?? device))
    try session.run(requests, devices: devices)
  }

  /// As it goes on record; a key is a secret, and is in no command line there.
  private var command: String {
    var words = ["rss", device]
    switch context {
    case .new: words.append("--context new")
    case .number(let number): words.append("--context \(number)")
    case nil: break
    }
    if delete { words.append("--delete") }
    return words.joined(separator: " ")
  }

  private var spacedFields: String? {
    fields.map { String($0.map { $0 == "," ? " " : $0 }) }
  }

  /// All contexts of the device, as they are to be.
  private func contexts(
    _ session: ChangeSession, _ device: String, _ wanted: Context
  ) throws -> [RSSContext] {
    var contexts: [RSSContext]
    do throws(KernelError) { contexts = try session.settings.host.rssContextTable(device) } catch {
      throw Failure(
        error.kind == .notSupported
          ? "\(device): its driver has no RSS contexts (\(error))"
          : "\(device): its RSS contexts cannot be read: \(error)")
    }
    switch wanted {
    case .new:
      var context = RSSContext(number: nil)
      try describe(&context, session, device)
      if context.table == nil {
        context.table = "equal \(try session.settings.receiveQueues(of: device))"
      }
      contexts.append(context)
    case .number(let number):
      guard let index = contexts.firstIndex(where: { $0.number == number }) else {
        throw Failure(
          "\(device) has no RSS context \(number): it has "
            + "\(RSSContextTable.numbers(contexts)). Nothing was changed.")
      }
      if delete {
        contexts.remove(at: index)
      } else {
        try describe(&contexts[index], session, device)
      }
    }
    return contexts
  }

  private func describe(
    _ context: inout RSSContext, _ session: ChangeSession, _ device: String
  ) throws {
    if let table = try indirection(session, device) { context.table = table }
    if let key { context.key = key }
    if let function { context.function = function }
    if let symmetric { context.transform = symmetric.text }
    if let spacedFields {
      context.fields = context.fields.map { RSSContext.merged($0, spacedFields) } ?? spacedFields
    }
  }

  private func indirection(_ session: ChangeSession, _ device: String) throws -> String? {
    if givesBack { return "default" }
    if let equal { return "equal \(equal)" + (start.map { $0 > 0 ? " from \($0)" : "" } ?? "") }
    if let table { return table }
    guard let weights else { return nil }
    let numbers = weights.split(separator: ",").map { Int($0) }
    let size = try session.settings.host.rss(device).table.count
    let before = [Int](repeating: 0, count: min(start ?? 0, size))
    guard
      let entries = IndirectionTable.weighted(before + numbers.compactMap { $0 }, size: size),
      numbers.allSatisfy({ $0 != nil })
    else {
      throw ValidationError(
        "--weights takes numbers from 0 up, not all 0, and a device with a table")
    }
    return IndirectionTable.text(entries)
  }
}

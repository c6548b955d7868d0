import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Rendering
import Tuning

struct RSSCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rss", abstract: "Set how a device spreads flows over its queues (ethtool -X).",
    discussion: """
      Sets the indirection table (equal shares, weights, or entry by entry), the hash key, the \
      hash function, the hash fields of a flow type and the input transform. rxtune get rss eth0 \
      prints the current state. A device may accept a table and ignore it: compare the counters \
      of its queues in rxtune show.

      Without --context this concerns the main context, which spreads all packets that no flow \
      rule takes. --context new creates another context, its number changes it, and --delete \
      deletes it. Flow rules direct packets to a context (rxtune ntuple add … context 1); while \
      one does, the context cannot be deleted. A new context spreads evenly over all queues \
      unless a table is given; the driver chooses the rest.

      Examples:
        rxtune rss eth0 --equal 4
            Spread flows evenly over the first four queues.
        rxtune rss eth0 --weights 6,2,1,1
            Give the first queue six of ten parts.
        rxtune rss eth0 --table '0*64,1*64'
            Give two queues half of the entries each.
        rxtune rss eth0 --default
            Return to the driver's own table.
        rxtune rss eth0 --context new --equal 4 --start 4
            Create a context over queues 4 to 7.
        rxtune rss eth0 --context 1 --delete
            Delete context 1.
      """)

  @Argument(help: "Device.", completion: Completions.devices)
  var device: String

  @Option(name: .long, help: "Spread evenly over this many queues.")
  var equal: Int?

  @Option(name: .long, help: "First queue of --equal or --weights. (default: 0)")
  var start: Int?

  @Option(
    name: .long, help: "Weights, one per queue: 6,2,1,1.",
    transform: { try typed($0, Self.weights, "a list of weights from 0 up, not all 0") })
  var weights: [Int]?

  @Option(
    name: .long, help: "Queue of each entry, in order; 3*64 for 64 entries in a row.",
    transform: { try typed($0, IndirectionTable.init, "a table") })
  var table: IndirectionTable?

  @Flag(name: .customLong("default"), help: "Return the table to the driver.")
  var givesBack = false

  @Option(
    name: .long, help: "Hash key: hex bytes separated by colons.",
    transform: { try typed($0, HashKey.init, "a key") })
  var key: HashKey?

  @Option(
    name: .long, help: "Hash function: toeplitz, xor or crc32.",
    transform: { try typed($0, HashFunction.init(known:), "toeplitz, xor or crc32") })
  var function: HashFunction?

  @Option(
    name: .long, help: "Hash fields by flow type, comma-separated: udp4:sdfn.",
    transform: { text in
      try typed(String(text.map { $0 == "," ? " " : $0 }), FlowHash.init, "fields of flow types")
    })
  var fields: FlowHash?

  @Option(name: .long, help: "Hash both directions of a flow alike: xor, or-xor or none.")
  var symmetric: Symmetry?

  @Option(
    name: .long,
    help: ArgumentHelp("Number of an additional RSS context, or new.", valueName: "n"))
  var context: Context?

  @Flag(name: .long, help: "Delete the context.")
  var delete = false

  private static func weights(_ text: String) -> [Int]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let weights = parts.compactMap { Int($0) }.filter { $0 >= 0 }
    return weights.count == parts.count && weights.contains { $0 > 0 } ? weights : nil
  }

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

    var transform: InputTransform {
      switch self {
      case .xor: .symmetricXor
      case .orXor: .symmetricOrXor
      case .none: []
      }
    }
  }

  @OptionGroup var options: ChangeOptions

  func validate() throws {
    let tables = [equal != nil, weights != nil, table != nil, givesBack].filter { $0 }
    guard tables.count <= 1 else {
      throw ValidationError("use one of --equal, --weights, --table and --default at a time")
    }
    if let equal, !(1...Int(Int32.max)).contains(equal) {
      throw ValidationError("--equal takes a number of queues from 1 up")
    }
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
    } else if context != nil && (givesBack || table?.isDriver == true) {
      throw ValidationError("a context has no table of the driver's own: give --equal")
    } else if context != .new && !isAnything {
      throw ValidationError("nothing to set: give --equal, --weights, --table, --key, …")
    }
  }

  func run() throws {
    let runner = ChangeRunner(options, command: command)
    let devices = try runner.devices(named: [device])
    if let context, let device = devices.first {
      // Read again each time it is planned: under the lock there may be others.
      return try runner.run { planner in
        let contexts = RSSContextTable(try contexts(runner, device, context))
        return planner.plan([Request(.rssContexts, .parsed(.contexts(contexts)))], devices: devices)
      }
    }
    var requests: [Request] = []
    func want(_ knob: Knob, _ value: KnobValue?) {
      if let value { requests.append(Request(knob, .parsed(value))) }
    }
    want(.rssHashFunction, function.map { .word($0.description) })
    want(.rssHashKey, key.map { .key($0) })
    want(.rssInputTransform, symmetric.map { .word($0.transform.description) })
    want(.rssHashFields, fields.map { .hashFields($0) })
    want(.rssIndirection, try indirection(runner, devices.first ?? device).map { .table($0) })
    try runner.run(requests, devices: devices)
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

  /// All contexts of the device, as they are to be.
  private func contexts(
    _ runner: ChangeRunner, _ device: String, _ wanted: Context
  ) throws -> [RSSContext] {
    var contexts: [RSSContext]
    do throws(KernelError) {
      contexts = try runner.settings.host.rssContextTable(device).contexts
    } catch {
      throw Failure(
        error.kind == .notSupported
          ? "\(device): the driver does not support RSS contexts (EOPNOTSUPP)"
          : "\(device): its RSS contexts cannot be read: \(error)", error.problem,
        knob: .rssContexts, place: .device(device))
    }
    switch wanted {
    case .new:
      var context = RSSContext(number: nil)
      try describe(&context, runner, device)
      if context.table == nil {
        context.table = .equal(try runner.settings.receiveQueues(of: device))
      }
      contexts.append(context)
    case .number(let number):
      guard let index = contexts.firstIndex(where: { $0.number == number }) else {
        throw Failure(
          "\(device) has no RSS context \(number): it has "
            + "\(RSSContextTable(contexts).numbers). Nothing was changed.", .refused,
          knob: .rssContexts, place: .device(device))
      }
      if delete {
        contexts.remove(at: index)
      } else {
        try describe(&contexts[index], runner, device)
      }
    }
    return contexts
  }

  private func describe(
    _ context: inout RSSContext, _ runner: ChangeRunner, _ device: String
  ) throws {
    if let table = try indirection(runner, device) { context.table = table }
    if let key { context.key = key }
    if let function { context.function = function }
    if let symmetric { context.transform = symmetric.transform }
    if let fields { context.fields = context.fields.merging(fields) }
  }

  private func indirection(_ runner: ChangeRunner, _ device: String) throws -> IndirectionTable? {
    if givesBack { return .driver }
    if let equal { return .equal(equal, from: start ?? 0) }
    if let table { return table }
    guard let weights else { return nil }
    let size: Int
    do throws(KernelError) { size = try runner.settings.host.rss(device).table.count } catch {
      throw Failure(
        error.kind == .notSupported
          ? "\(device): the driver does not support rss.indirection (EOPNOTSUPP)"
          : "\(device): its RSS table cannot be read: \(error)", error.problem,
        knob: .rssIndirection, place: .device(device))
    }
    let before = [Int](repeating: 0, count: min(start ?? 0, size))
    guard let table = IndirectionTable(weights: before + weights, size: size) else {
      throw Failure(
        "\(device): its RSS table has \(size) entries, too few for these weights", .refused,
        knob: .rssIndirection, place: .device(device))
    }
    return table
  }
}

/// Reads a part of RSS as it is typed.
private func typed<Part>(
  _ text: String, _ part: (String) -> Part?, _ what: String
) throws -> Part {
  guard let part = part(text) else { throw ValidationError("\"\(text)\" is not \(what)") }
  return part
}

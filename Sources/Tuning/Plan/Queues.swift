import KernelIO
import Knobs
import ReceivePath

/// How many queues a device has, and is going to have.
package struct Queues {
  private(set) var rxBefore = 0
  private(set) var txBefore = 0
  private(set) var rx = 0
  private(set) var tx = 0
  /// The device can serve a receive and a transmit queue by one channel.
  private(set) var canCombine = false
  /// The table of RSS: "equal 4", or "0*64,1*64"; empty where there is none.
  private var table = ""
  private var isDefaultTable = false
  private(set) var highestInRules: Int?
  private(set) var highestInContexts: Int?
  private var counts: [String: Int64] = [:]

  init() {}

  init(_ settings: any Settings, _ device: String) {
    for name in ["rx", "tx", "combined"] {
      guard let knob = Knob.named("channels.\(name)"),
        case .number(let count)? = try? settings.read(knob, at: .device(device))
      else { continue }
      counts[name] = count
      if name == "combined",
        let maximum = try? settings.bounds(of: knob, at: .device(device)).maximum, maximum > 0
      {
        canCombine = true
      }
    }
    if let knob = Knob.named("queue.rps-cpus") {
      rx = (try? settings.places(of: knob, on: device).count) ?? 0
    }
    if let knob = Knob.named("queue.tx-maxrate") {
      tx = (try? settings.places(of: knob, on: device).count) ?? 0
    }
    (rxBefore, txBefore) = (rx, tx)
    if let knob = Knob.named("rss.indirection"),
      case .text(let text)? = try? settings.read(knob, at: .device(device))
    {
      table = text
      isDefaultTable =
        settings.recorded(.text(text), of: knob, at: .device(device)).givesTableBack
    }
    if let knob = Knob.named("rss.contexts"),
      case .text(let text)? = try? settings.read(knob, at: .device(device))
    {
      highestInContexts = (try? RSSContextTable.contexts(text))?.compactMap(\.table)
        .compactMap(IndirectionTable.highestQueue).max().map(Int.init)
    }
    highestInRules = (try? settings.highestRuleQueue(on: device)) ?? nil
  }

  /// Takes planned changes of channels into account.
  mutating func count(_ changes: [Change], _ device: String) {
    var counts = counts
    for change in changes where change.setting.place == .device(device) {
      guard change.setting.knob.group == "channels",
        case .number(let count) = change.setting.value
      else { continue }
      counts[String(change.setting.knob.id.dropFirst("channels.".count))] = count
    }
    guard counts != self.counts else { return }
    // What no message can carry is a finding of its own.
    func count(_ name: String) -> Int { Int(UInt32(clamping: counts[name] ?? 0)) }
    rx = count("rx") + count("combined")
    tx = count("tx") + count("combined")
  }

  var areChanging: Bool { rx != rxBefore || tx != txBefore }

  /// Whether the place comes into being with the planned channels.
  func isNew(_ place: Place) -> Bool {
    switch place {
    case .queue(_, .rx, let index): index >= rxBefore
    case .queue(_, .tx, let index): index >= txBefore
    case .vector, .napi: areChanging
    default: false
    }
  }

  var highestInTable: Int? {
    IndirectionTable.highestQueue(table).map(Int.init)
  }

  /// Whether the table is what the driver sets up by itself.
  var hasDefaultTable: Bool { table.isEmpty || isDefaultTable }
}

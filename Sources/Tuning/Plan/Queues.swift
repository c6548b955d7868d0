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
  /// The table of RSS; nil where there is none.
  private var table: IndirectionTable?
  private var isDefaultTable = false
  private(set) var highestInRules: Int?
  private(set) var highestInContexts: Int?
  private var counts: [Knob: Int64] = [:]

  init() {}

  init(_ settings: any Settings, _ device: String) {
    let place = Place.device(device)
    for knob in [Knob.channelsRx, .channelsTx, .channelsCombined] {
      guard case .number(let count)? = try? settings.read(knob, at: place) else { continue }
      counts[knob] = count
      if knob == .channelsCombined, let maximum = try? settings.bounds(of: knob, at: place).maximum
      {
        canCombine = maximum > 0
      }
    }
    rx = (try? settings.places(of: .rpsCPUs, on: device).count) ?? 0
    tx = (try? settings.places(of: .txMaxRate, on: device).count) ?? 0
    (rxBefore, txBefore) = (rx, tx)
    if case .table(let found)? = try? settings.read(.rssIndirection, at: place) {
      table = found
      isDefaultTable =
        settings.recorded(.table(found), of: .rssIndirection, at: place).givesTableBack
    }
    if case .contexts(let contexts)? = try? settings.read(.rssContexts, at: place) {
      highestInContexts = contexts.highestQueue.map(Int.init)
    }
    highestInRules = (try? settings.highestRuleQueue(on: device)) ?? nil
  }

  /// Takes planned changes of channels into account.
  mutating func count(_ changes: [Change], _ device: String) {
    var counts = counts
    for change in changes where change.setting.place == .device(device) {
      guard change.setting.knob.group == .channels,
        case .number(let count) = change.setting.value
      else { continue }
      counts[change.setting.knob] = count
    }
    guard counts != self.counts else { return }
    // What no message can carry is a caveat of its own.
    func count(_ knob: Knob) -> Int { Int(UInt32(clamping: counts[knob] ?? 0)) }
    rx = count(.channelsRx) + count(.channelsCombined)
    tx = count(.channelsTx) + count(.channelsCombined)
  }

  var areChanging: Bool { rx != rxBefore || tx != txBefore }

  /// Whether the place comes into being with the planned channels.
  func isNew(_ place: Place) -> Bool {
    switch place.part {
    case .queue(.rx, let index): index >= rxBefore
    case .queue(.tx, let index): index >= txBefore
    case .vector, .napi: areChanging
    default: false
    }
  }

  var highestInTable: Int? { (table?.highestQueue).map(Int.init) }

  /// Whether the table is what the driver sets up by itself.
  var hasDefaultTable: Bool { table == nil || isDefaultTable }
}

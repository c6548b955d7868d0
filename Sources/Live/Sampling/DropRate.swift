package import Knobs
import ReceivePath

/// A counter of lost packets between two samples.
package struct DropRate: Hashable, Sendable {
  package var stage: Stage
  /// "eth0", "eth0 rx-3", "cpu 2", "netns", "udp 0.0.0.0:53".
  package var place: String
  /// nil: of no device.
  package var device: String?
  /// As the kernel spells it, with dashes; protocols' as nstat(8) does.
  package var counter: String
  package var meaning: String
  package var perSecond: Double?
  /// Since the thing was made.
  package var total: UInt64?

  /// What sums up the sockets' losses: each is counted once there.
  var isOfSockets: Bool {
    stage == .socket && ProtocolLoss.all.first { $0.name == counter }?.isWhole == true
  }

  static func all(_ rates: Rates, _ interval: Interval?, _ later: Sample) -> [DropRate] {
    later.devices.flatMap { ofDevice($0, interval) } + ofQueues(rates, later)
      + ofCPUs(rates, later) + ofProtocols(interval, later) + ofSockets(rates)
  }
}

extension DropRate {
  /// networking/statistics.rst.
  private static let linkCounters:
    [(name: String, value: @Sendable (LinkStatistics) -> UInt64?, stage: Stage, meaning: String)] =
      [
        (
          "rx-missed-errors", { $0.rxMissedErrors }, .ring,
          "ring full: the driver had no buffer ready"
        ),
        ("rx-fifo-errors", { $0.rxFIFOErrors }, .ring, "the device's own memory was full"),
        ("rx-over-errors", { $0.rxOverErrors }, .ring, "the device was overrun"),
        ("rx-crc-errors", { $0.rxCRCErrors }, .device, "damaged on the wire"),
        ("rx-dropped", { $0.rxDropped }, .napi, "dropped before a protocol: unknown type, backlog"),
        (
          "rx-otherhost-dropped", { $0.rxOtherhostDropped }, .napi,
          "addressed to another host: harmless, but look for flooding"
        ),
        ("rx-nohandler", { $0.rxNoHandler }, .napi, "the device is an idle port of a bond or team"),
      ]

  private static func ofDevice(_ now: Sample.Device, _ interval: Interval?) -> [DropRate] {
    guard let link = now.link else { return [] }
    let before = interval?.earlier.devices.first { $0.index == now.index }?.link
    return linkCounters.compactMap { counter in
      guard let total = counter.value(link) else { return nil }
      return DropRate(
        stage: counter.stage, place: now.name, device: now.name, counter: counter.name,
        meaning: counter.meaning,
        perSecond: interval?.rate(total, since: before.flatMap(counter.value)), total: total)
    }
  }

  private static func ofQueues(_ rates: Rates, _ later: Sample) -> [DropRate] {
    rates.devices.flatMap { device in
      let counters = later.devices.first { $0.index == device.index }?.queues ?? []
      return device.queues.compactMap { queue -> DropRate? in
        guard let total = counters.first(where: { $0.number == queue.queue })?.drops else {
          return nil
        }
        return DropRate(
          stage: .ring, place: "\(device.name) rx-\(queue.queue)", device: device.name,
          counter: queue.source == .qstats ? "rx-hw-drops" : "drops",
          meaning: "the queue had no room", perSecond: queue.drops, total: total)
      }
    }
  }

  private static func ofCPUs(_ rates: Rates, _ later: Sample) -> [DropRate] {
    zip(rates.cpus, later.cpus).compactMap { rate, now in
      guard let softnet = now.softnet else { return nil }
      return DropRate(
        stage: .rps, place: "cpu \(now.number)", counter: "softnet-dropped",
        meaning: "backlog full (netdev_max_backlog), or flow limit", perSecond: rate.dropped,
        total: UInt64(softnet.dropped))
    }
  }

  private static func ofProtocols(_ interval: Interval?, _ later: Sample) -> [DropRate] {
    ProtocolLoss.all.compactMap { loss in
      guard let total = later.protocols?[loss.name] else { return nil }
      return DropRate(
        stage: .socket, place: "netns", counter: loss.name, meaning: loss.meaning,
        perSecond: interval?.rate(total, since: interval?.earlier.protocols?[loss.name]),
        total: total)
    }
  }

  private static func ofSockets(_ rates: Rates) -> [DropRate] {
    (rates.sockets ?? []).compactMap { group in
      guard let dropped = group.dropped, dropped > 0 else { return nil }
      return DropRate(
        stage: .socket, place: group.name, counter: "drops",
        meaning: group.transport == .tcp ? "accept queue full" : "receive buffer full",
        perSecond: group.drops, total: dropped)
    }
  }
}

extension SocketRates {
  /// "udp 0.0.0.0:53", "tcp [::]:443".
  package var name: String { "\(transport.rawValue) \(endpoint)" }

  /// "0.0.0.0:53", "[::]:443".
  package var endpoint: String {
    (address.contains(":") ? "[\(address)]" : address) + ":\(port)"
  }
}

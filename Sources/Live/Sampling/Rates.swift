package import Notation
import ReceivePath

/// What happened between two samples, by the interval that was measured. nil is a rate that cannot
/// be told: the first look, a counter that began anew, a thing that nobody counts.
package struct Rates: Hashable, Sendable {
  /// Of the later sample.
  package var clock: TimeStamp
  /// nil at the first look, and where time went back.
  package var seconds: Double?
  package var devices: [DeviceRates] = []
  package var cpus: [CPURates] = []
  /// nil where sock_diag does not tell.
  package var sockets: [SocketRates]?
  package var drops: [DropRate] = []

  /// - Parameter earlier: nil at the first look.
  package init(_ configuration: LiveConfiguration, from earlier: Sample?, to later: Sample) {
    clock = TimeStamp(seconds: later.clock)
    let interval = Interval(from: earlier, to: later)
    seconds = interval?.seconds
    let vectors = VectorRates(interval, later)
    cpus = CPURates.all(interval, later, vectors)
    devices = configuration.devices.map { DeviceRates($0, interval, later, vectors, cpus) }
    sockets = later.sockets.map { SocketRates.all($0, interval) }
    drops = DropRate.all(self, interval, later)
  }

  /// The most uneven of the devices.
  package var imbalance: Imbalance? {
    devices.compactMap(\.imbalance).max { $0.ratio < $1.ratio }
  }

  /// The CPU with the least idle time.
  package var busiest: CPURates? {
    cpus.filter { $0.busy != nil }.max { ($0.busy ?? 0) < ($1.busy ?? 0) }
  }

  /// Packets a second that were lost, by where: below the stack, at its door, at sockets. A packet is
  /// counted in one of them; a backlog's drops are the device's, too, and count as the backlog's.
  package struct Losses: Hashable, Sendable {
    package var device: Double?
    package var backlog: Double?
    package var socket: Double?
  }

  package var losses: Losses {
    Losses(
      device: devices.map(\.lost).sum, backlog: cpus.map(\.dropped).sum,
      socket: drops.filter(\.isOfSockets).map(\.perSecond).sum)
  }
}

/// Two samples, and the time between them.
struct Interval {
  var seconds: Double
  var earlier: Sample

  init?(from earlier: Sample?, to later: Sample) {
    guard let earlier, later.time > earlier.time else { return nil }
    self.earlier = earlier
    seconds = Double(later.time - earlier.time) / 1e9
  }

  func rate(_ growth: UInt64?) -> Double? { growth.map { Double($0) / seconds } }

  func rate(_ later: UInt64?, since earlier: UInt64?) -> Double? {
    rate(Growth.of(later, since: earlier))
  }

  func rate(_ later: UInt32?, since earlier: UInt32?) -> Double? {
    rate(Growth.of(later, since: earlier))
  }
}

extension Sequence<Double?> {
  /// nil where there is nothing to add up.
  var sum: Double? {
    reduce(nil) { sum, value in value.map { (sum ?? 0) + $0 } ?? sum }
  }
}

/// How uneven queues are: the busiest against the mean. 1 is even, their number is all on one.
package struct Imbalance: Hashable, Sendable {
  package var ratio: Double
  package var source: CounterSource

  /// A few packets a second are as uneven as they like.
  package static let least = 100.0

  init?(_ rates: [Double?], _ source: CounterSource) {
    let known = rates.compactMap(\.self)
    guard known.reduce(0, +) >= Self.least, let skew = known.skew else { return nil }
    ratio = skew
    self.source = source
  }
}

/// Interrupts a second, by IRQ and CPU.
struct VectorRates {
  struct Vector {
    /// nil where it began anew.
    var total: Double?
    var cpus: [(cpu: Int, rate: Double)] = []
  }

  private var vectors: [Int: Vector] = [:]

  init(_ interval: Interval?, _ later: Sample) {
    guard let interval else { return }
    let earlier = Dictionary(
      interval.earlier.vectors.map { ($0.irq, $0.counts) }, uniquingKeysWith: { $1 })
    for vector in later.vectors {
      guard let before = earlier[vector.irq] else { continue }
      var rates = Vector(total: 0)
      for count in vector.counts {
        let start = before.first { $0.cpu == count.cpu }?.count ?? 0
        guard let rate = interval.rate(count.count, since: start) else {
          rates = Vector(total: nil)
          break
        }
        rates.total = rates.total.map { $0 + rate }
        if rate > 0 { rates.cpus.append((count.cpu, rate)) }
      }
      vectors[vector.irq] = rates
    }
  }

  subscript(irq: Int) -> Vector? { vectors[irq] }

  /// Of all vectors on each CPU.
  var byCPU: [Int: Double] {
    vectors.values.reduce(into: [:]) { sums, vector in
      for (cpu, rate) in vector.cpus { sums[cpu, default: 0] += rate }
    }
  }
}

package import Live
import Netlink
package import ReceivePath

/// A machine whose counters grow as they are told to: samples of it, second by second.
///
/// Queue 0 of its device receives half of what all busy ones do; those behind the busy ones are idle.
/// CPUs serve queues in turn. A listener and a UDP socket drop.
package struct SampledMachine {
  package var cpus: Int
  package var queues: Int
  package var busyQueues: Int
  package var source: CounterSource?

  package init(
    cpus: Int = 4, queues: Int = 4, busyQueues: Int = 3, source: CounterSource? = .qstats
  ) {
    self.cpus = cpus
    self.queues = queues
    self.busyQueues = busyQueues
    self.source = source
  }

  package static let start: Int64 = 1_780_000_000

  package var configuration: LiveConfiguration {
    LiveConfiguration(devices: [
      LiveConfiguration.Device(
        name: "eth0", index: 2, driver: "igb",
        queues: (0..<queues).map {
          LiveConfiguration.Queue(
            number: $0, irq: 40 + $0, napiID: 100 + UInt32($0), cpus: "\($0 % cpus)",
            rpsCPUs: $0 == 1 ? "2-3" : "")
        }, source: source)
    ])
  }

  /// Packets a second of a queue.
  package func packets(_ queue: Int) -> UInt64 {
    queue >= busyQueues ? 0 : queue == 0 ? 4_000 * UInt64(max(1, busyQueues - 1)) : 4_000
  }

  package func sample(_ second: UInt64) throws -> Sample {
    var sample = Sample(
      time: 5_000_000_000 + second * 1_000_000_000, clock: Self.start + Int64(second))
    sample.devices = [try device(second)]
    sample.vectors = (0..<queues).map { queue in
      let count = UInt32(truncatingIfNeeded: packets(queue) / 4 * second)
      return Sample.Vector(
        irq: 40 + queue, counts: count == 0 ? [] : [.init(cpu: queue % cpus, count: count)])
    }
    sample.cpus = try (0..<cpus).map { try cpu($0, second) }
    sample.protocols = ["TcpExtListenDrops": 5 * second, "UdpRcvbufErrors": 20 * second]
    sample.sockets = sockets(second)
    return sample
  }

  /// A timeline of `count` samples, a second apart.
  package func timeline(_ count: Int) throws -> Timeline {
    var timeline = Timeline()
    for second in 0..<UInt64(count) { timeline.append(try sample(second), configuration) }
    return timeline
  }

  private func device(_ second: UInt64) throws -> Sample.Device {
    let all = (0..<queues).reduce(0) { $0 + packets($1) }
    let link = try Self.link(
      packets: all * second, bytes: 1_000 * all * second, dropped: 7, missed: 12 * second)
    var device = Sample.Device(index: 2, name: "eth0", isUp: true, link: link)
    if source != nil {
      device.queues = (0..<queues).map {
        Sample.Queue(
          number: $0, packets: packets($0) * second, bytes: 1_000 * packets($0) * second,
          drops: $0 == 0 ? 12 * second : 0)
      }
    }
    return device
  }

  /// `struct rtnl_link_stats64`.
  package static func link(
    packets: UInt64 = 0, bytes: UInt64 = 0, dropped: UInt64 = 0, missed: UInt64 = 0
  ) throws -> LinkStatistics {
    var values = [UInt64](repeating: 0, count: 24)
    values[0] = packets
    values[2] = bytes
    values[6] = dropped
    values[15] = missed
    var writer = AttributeWriter(header: [])
    let image = values.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    writer.put(1, bytes: image)
    let attributes = try Attributes(writer.bytes[...], "link")
    return try LinkStatistics(decoding: try attributes.required(StatisticsKey.all))
  }

  private enum StatisticsKey: UInt16 { case all = 1 }

  private func cpu(_ cpu: Int, _ second: UInt64) throws -> Sample.CPU {
    let busy = (0..<queues).filter { $0 % cpus == cpu }.reduce(0) { $0 + packets($1) }
    var times = ProcessorTimes()
    times.softirq = min(90, busy / 100) * second
    times.irq = busy > 0 ? second : 0
    times.user = 2 * second
    times.idle = 100 * second - times.softirq - times.irq - times.user
    return Sample.CPU(
      number: cpu, times: times,
      softnet: try Self.softnet(
        cpu, processed: UInt32(truncatingIfNeeded: busy * second),
        dropped: cpu == 1 ? UInt32(truncatingIfNeeded: 3 * second) : 0),
      netRX: UInt32(truncatingIfNeeded: busy / 2 * second))
  }

  /// A line of /proc/net/softnet_stat.
  package static func softnet(
    _ cpu: Int, processed: UInt32 = 0, dropped: UInt32 = 0
  ) throws -> SoftnetStat.Row? {
    var columns = [UInt32](repeating: 0, count: 15)
    (columns[0], columns[1], columns[12]) = (processed, dropped, UInt32(cpu))
    let line = columns.map { String($0, radix: 16) }.joined(separator: " ") + "\n"
    return try SoftnetStat(decoding: Array(line.utf8)).rows.first
  }

  private func sockets(_ second: UInt64) -> [Sample.Socket] {
    let second = UInt32(truncatingIfNeeded: second)
    var sockets = [
      Sample.Socket(
        .tcp, "0.0.0.0", port: 80, cookie: 1, queued: 120, limit: 128, drops: 4 * second),
      Sample.Socket(.tcp, "0.0.0.0", port: 80, cookie: 2, queued: 1, limit: 128, drops: second),
      Sample.Socket(.udp, "::", port: 53, cookie: 3, queued: 0, limit: 212_992, drops: 20 * second),
      Sample.Socket(.udp, "127.0.0.1", port: 323, cookie: 4, queued: 0, limit: 212_992, drops: 0),
    ]
    sockets[0].holder = SocketOwner(pid: 70, command: "nginx")
    sockets[1].holder = SocketOwner(pid: 71, command: "nginx")
    sockets[2].holder = SocketOwner(pid: 53, command: "named")
    return sockets
  }
}

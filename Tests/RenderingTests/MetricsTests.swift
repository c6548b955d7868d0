import Glibc
import KernelIO
import Knobs
import Notation
import ReceivePath
import TestSupport
import Testing
import Tuning

@testable import Rendering

@Suite("Metrics") struct MetricsTests {
  private static let tests =
    #filePath.split(separator: "/").dropLast(2).reduce(into: "") { $0 += "/" + $1 }

  private static func host(_ name: String) throws -> Host {
    let bytes = try LocalFile.read("\(tests)/Fixtures/\(name).capture", as: .capture)
    return Host(ReplayKernel(try Capture.moments(bytes)[0]))
  }

  /// As the command reads it; of a host that has changes in force.
  private static func reading(_ host: Host) throws -> MetricsReading {
    var reading = MetricsReading(version: "1.2.3")
    let links = try host.links()
    reading.devices = host.deviceQueues(
      of: host.chosen(links, named: []).links, among: links, isCounted: true)
    reading.listeners = try? host.listeners()
    reading.upkeep = Upkeep(settings: 12, drifted: 2, unreadable: 1, isPending: true)
    return reading
  }

  private static func text(_ reading: MetricsReading) -> String {
    MetricsDocument(reading).text(as: .text)
  }

  /// Hosts of all kinds that were recorded.
  private static let hosts = [
    "igb", "igb-7.3", "two-igb", "virtio-64q", "virtio-4q-7.3", "virtual", "virtual-7.3", "vmxnet3",
    "e1000e", "Reported/mlx5-bond", "Reported/cxgb4", "Reported/hv-netvsc", "Reported/i40e-down",
  ]

  // MARK: - The text

  /// Byte for byte as they stand in Metrics/. RXTUNE_RECORD=1 writes them; the difference is then for
  /// a person to read: what was published stays.
  @Test(arguments: ["igb", "virtio-64q"]) func textsAsRecorded(_ name: String) throws {
    let text = Self.text(try Self.reading(Self.host(name)))
    let path = "\(Self.tests)/RenderingTests/Metrics/\(name).prom"
    if unsafe getenv("RXTUNE_RECORD") != nil {
      try LocalDirectory.make("\(Self.tests)/RenderingTests/Metrics")
      try LocalFile.write(path, Array(text.utf8))
    }
    #expect(text == String(decoding: try LocalFile.read(path), as: UTF8.self))
  }

  @Test(arguments: hosts) func anotherReaderFindsWhatAProgramFindsInJSON(_ name: String) throws {
    let document = MetricsDocument(try Self.reading(Self.host(name)))
    let read = try Exposition(document.text(as: .text))
    guard case .array(let metrics)? = document.json["metrics"] else {
      Issue.record("no metrics")
      return
    }
    #expect(metrics.map { $0["name"] } == read.families.map { .string($0.name) })
    for (metric, family) in zip(metrics, read.families) {
      #expect(metric["type"] == .string(family.type) && metric["help"] == .string(family.help))
      guard case .array(let samples)? = metric["samples"] else { continue }
      #expect(samples.count == family.samples.count)
      for (sample, other) in zip(samples, family.samples) {
        guard case .object(let labels)? = sample["labels"] else { continue }
        #expect(labels.count == other.labels.count)
        #expect(labels.allSatisfy { .string(other.labels[$0.key] ?? "") == $0.value })
        switch sample["value"] {
        case .unsigned(let count)?: #expect(Double(count) == other.value)
        case .number(let number)?: #expect(number == other.value)
        default: Issue.record("no value")
        }
      }
    }
  }

  /// What it costs a server of Prometheus.
  @Test func aHostOf64QueuesIsAFewHundredSeries() throws {
    let reading = try Self.reading(Self.host("virtio-64q"))
    #expect(reading.devices.flatMap(\.paths).count >= 64)
    #expect(try Exposition(Self.text(reading)).count <= 350)
  }

  /// Dashboards stand on these: add, never rename.
  @Test func namesAndLabelsStay() {
    let published: [(String, String, [String])] = [
      ("rxtune_queue_info", "gauge", ["device", "queue", "irq", "cpu", "napi", "join"]),
      ("rxtune_queue_receive_packets_total", "counter", ["device", "queue"]),
      ("rxtune_queue_receive_drops_total", "counter", ["device", "queue"]),
      ("rxtune_queue_interrupts_total", "counter", ["device", "queue"]),
      ("rxtune_queue_rss_share_ratio", "gauge", ["device", "queue"]),
      ("rxtune_listener_sockets", "gauge", ["family", "address", "port"]),
      ("rxtune_listener_queued", "gauge", ["family", "address", "port"]),
      ("rxtune_listener_queued_max", "gauge", ["family", "address", "port"]),
      ("rxtune_listener_queue_limit", "gauge", ["family", "address", "port"]),
      ("rxtune_listener_drops_total", "counter", ["family", "address", "port"]),
      ("rxtune_settings_in_force", "gauge", []),
      ("rxtune_settings_drifted", "gauge", []),
      ("rxtune_settings_unreadable", "gauge", []),
      ("rxtune_change_pending", "gauge", []),
      ("rxtune_build_info", "gauge", ["version"]),
    ]
    for (name, kind, labels) in published {
      let metric = Metric.all.first { $0.name == name }
      #expect(metric?.kind.rawValue == kind && metric?.labels == labels, "\(name)")
    }
    #expect(Metric.all.allSatisfy { $0.help.hasSuffix(".") })
  }

  // MARK: - Values

  /// The same as `show` says, who reads more.
  @Test(arguments: hosts) func queuesAgreeWithTheSnapshot(_ name: String) throws {
    let host = try Self.host(name)
    let read = try Exposition(Self.text(Self.reading(host)))
    let links = try host.links()
    for device in host.snapshot(of: host.chosen(links, named: []).links, among: links).devices {
      for path in device.paths {
        let labels = ["device": device.link.name, "queue": "\(path.queue)"]
        func value(_ metric: String) -> Double? {
          read[metric].first { $0.labels == labels }?.value
        }
        #expect(
          value("rxtune_queue_receive_packets_total") == path.statistics?.packets.map { Double($0) }
        )
        #expect(
          value("rxtune_queue_receive_drops_total") == path.statistics?.drops.map { Double($0) })
        #expect(value("rxtune_queue_interrupts_total") == path.interrupts.map { Double($0) })
        #expect(value("rxtune_queue_rss_share_ratio") == path.rssShare)
        let info = read["rxtune_queue_info"].first {
          $0.labels["device"] == device.link.name && $0.labels["queue"] == "\(path.queue)"
        }
        #expect(info?.labels["irq"] == path.irq.map { "\($0)" })
        #expect(info?.labels["cpu"] == path.cpus?.list)
        #expect(info?.labels["join"] == path.join.rawValue)
      }
    }
  }

  /// Two CPUs' counts of 32 bits, one of which wraps: what Prometheus takes for a counter that began
  /// again must not be billions.
  @Test func aCountThatWrapsFallsToSomethingSmall() throws {
    var reading = try Self.reading(Self.host("igb"))
    func value(_ counts: [UInt64]) throws -> Double? {
      reading.devices[0].paths[0].interruptCounts = InterruptCounts(
        counts.enumerated().map { .init(cpu: Int32($0.offset), value: $0.element) })
      return try Exposition(Self.text(reading))["rxtune_queue_interrupts_total"].first?.value
    }
    let limit: UInt64 = 1 << 32
    let before = try #require(try value([limit - 10, limit / 2]))
    let after = try #require(try value([5, limit / 2]))
    #expect(after - before == 15)
    #expect(try value([limit / 2 - 3, limit / 2]) == Double(limit - 3))
    #expect(try value([limit / 2 + 4, limit / 2]) == 4)
  }

  @Test func whatIsNotKnownHasNoSample() throws {
    var reading = MetricsReading(version: "1")
    #expect(Self.text(reading).hasSuffix("rxtune_build_info{version=\"1\"} 1\n"))
    #expect(try Exposition(Self.text(reading)).families.map(\.name) == ["rxtune_build_info"])
    reading = try Self.reading(Self.host("igb"))
    reading.upkeep = nil
    reading.listeners = nil
    for queue in reading.devices[0].paths.indices {
      reading.devices[0].paths[queue].statistics?.drops = nil
      reading.devices[0].paths[queue].rssShare = nil
      reading.devices[0].paths[queue].irq = nil
      reading.devices[0].paths[queue].interruptCounts = nil
    }
    let read = try Exposition(Self.text(reading))
    #expect(
      read.families.map(\.name) == [
        "rxtune_queue_info", "rxtune_queue_receive_packets_total", "rxtune_build_info",
      ])
    #expect(read["rxtune_queue_info"].allSatisfy { $0.labels["irq"] == nil })
  }

  @Test func settingsAreCounted() throws {
    let read = try Exposition(Self.text(Self.reading(Self.host("igb"))))
    let names = ["settings_in_force", "settings_drifted", "settings_unreadable", "change_pending"]
    #expect(names.map { read["rxtune_\($0)"].first?.value } == [12, 2, 1, 1])
  }

  /// Sockets on one address and port are one series, whatever else sets them apart.
  @Test func listenersAreOneSeriesAnAddressAndPort() throws {
    let host = Host(SyntheticHost(.init(cpus: 4, queues: 4, listeners: 8, groupSize: 4)))
    var reading = MetricsReading(version: "1")
    var sockets = try host.listeners()
    #expect(sockets.count == 8)
    for index in sockets.indices {
      sockets[index].receiveQueue = UInt32(index + 1)
      sockets[index].sendQueue = 128
      sockets[index].memory?.drops = .max - 2
    }
    sockets[1].interface = 7
    sockets[2].uid = 1000
    sockets[3].sendQueue = 64
    reading.listeners = sockets
    func values(_ metric: String) throws -> [Double] {
      try Exposition(Self.text(reading))["rxtune_listener_\(metric)"].map(\.value)
    }
    #expect(try values("sockets") == [4, 4])
    #expect(try values("queued") == [10, 26])
    #expect(try values("queued_max") == [4, 8])
    #expect(try values("queue_limit") == [64, 128])
    // 4 × (2³² − 3), in 32 bits.
    #expect(try values("drops_total") == [4_294_967_284, 4_294_967_284])
    sockets[5].memory = nil
    reading.listeners = sockets
    #expect(try values("drops_total").count == 1)
  }

  // MARK: - Names

  @Test(arguments: [
    "x.1", "quo\"te", "back\\slash", "new\nline", "tr\\\"ail\\", "ünï", "{a=\"b\"} 1", "#",
    "\u{fffd}",
    "e\u{301}", "\u{202e}",
  ])
  func anyNameOfADeviceIsReadAsItIs(_ name: String) throws {
    var reading = try Self.reading(Self.host("igb"))
    reading.devices[0].link.name = name
    let read = try Exposition(Self.text(reading))
    let infos = read["rxtune_queue_info"]
    #expect(infos.count == 4)
    #expect(
      infos.allSatisfy {
        $0.labels["device"].map { Array($0.unicodeScalars) } == Array(name.unicodeScalars)
      })
  }

  /// As two devices whose names are no UTF-8 do.
  @Test func aSeriesComesOnce() throws {
    var reading = try Self.reading(Self.host("two-igb"))
    #expect(reading.devices.count == 2)
    for device in reading.devices.indices { reading.devices[device].link.name = "\u{fffd}" }
    let text = Self.text(reading)
    #expect(throws: Never.self) { try Exposition(text) }
    #expect(try Exposition(text)["rxtune_queue_receive_packets_total"].count == 4)
  }

  // MARK: - The reader

  @Test(arguments: [
    ("# HELP a b\n# TYPE a gauge\na 1", "no line feed at the end"),
    ("# HELP a b\n# TYPE a gauge\na 1 1700000000\n", "no value behind a"),
    ("# HELP a b\n# TYPE a gauge\na 1\na 2\n", "a series of a comes twice"),
    ("# HELP a b\n# TYPE a gauge\n", "a has no type, or no sample"),
    ("# TYPE a gauge\na 1\n", "TYPE does not follow its HELP"),
    ("a 1\n", "a stands apart from its family"),
    ("# HELP a b\n# TYPE a counter\na 1\n", "a is a counter"),
    ("# HELP a b\n# TYPE a gauge\na{b=\"c\",b=\"d\"} 1\n", "label b comes twice"),
    ("# HELP a b\n# TYPE a gauge\na{b=\"c\\d\"} 1\n", "an escape that is none"),
    ("# HELP a b\n# TYPE a gauge\na{b=\"c} 1\n", "a quote that does not end"),
    ("# HELP a b\n# TYPE a gauge\na 1\n# EOF\n", "a comment"),
    ("# HELP a b\n# TYPE a gauge\na{1b=\"c\"} 1\n", "label 1b"),
  ])
  func theReaderRefuses(text: String, reason: String) {
    #expect { try Exposition(text) } throws: { ($0 as? Exposition.Malformed)?.reason == reason }
  }
}

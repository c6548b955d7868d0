import Foundation
import KernelIO
import Knobs
import Netlink
import Notation
import ReceivePath
import Rendering
import TestSupport
import TestTraits
import Testing

@testable import Commands

/// The recorded guests of the lab of real drivers, in Tests/Fixtures.
@Suite("Recorded hosts", .ownThread) struct RecordedHostTests {
  struct Expectation: CustomTestStringConvertible, Sendable {
    let capture: String
    let device: String
    let queues: Int
    let join: Join

    var testDescription: String { "\(capture) \(device)" }
  }

  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  static func capture(_ name: String) throws -> Capture {
    let file = fixtures.appending(path: name + ".capture")
    return try Capture.parse([UInt8](Data(contentsOf: file)))
  }

  static func host(_ name: String) throws -> ReceivePath.Host {
    ReceivePath.Host(ReplayKernel(try capture(name)))
  }

  @Test(arguments: [
    Expectation(capture: "igb", device: "eth0", queues: 4, join: .msi),
    Expectation(capture: "igb-6.12", device: "eth0", queues: 4, join: .msi),
    Expectation(capture: "igb-7.3", device: "eth0", queues: 4, join: .kernel),
    Expectation(capture: "two-igb", device: "eth1", queues: 4, join: .msi),
    Expectation(capture: "virtio-4q", device: "eth0", queues: 4, join: .msi),
    Expectation(capture: "virtio-4q", device: "eth1", queues: 4, join: .msi),
    Expectation(capture: "virtio-4q-6.12", device: "eth0", queues: 4, join: .msi),
    Expectation(capture: "virtio-4q-7.3", device: "eth1", queues: 4, join: .msi),
    Expectation(capture: "virtio-64q", device: "eth0", queues: 64, join: .msi),
    Expectation(capture: "vmxnet3", device: "eth0", queues: 4, join: .msi),
    Expectation(capture: "e1000e", device: "eth0", queues: 1, join: .msi),
    Expectation(capture: "virtual", device: "rxlab0", queues: 8, join: .unknown),
    Expectation(capture: "virtual-6.12", device: "rxlab0", queues: 8, join: .kernel),
    Expectation(capture: "virtual-7.3", device: "rxlab0", queues: 8, join: .kernel),
  ])
  func queuesAreJoinedToInterrupts(_ expectation: Expectation) throws {
    let host = try Self.host(expectation.capture)
    let devices = host.snapshot(of: try host.links()).devices
    let device = try #require(devices.first { $0.link.name == expectation.device })
    #expect(device.paths.map(\.queue) == Array(0..<expectation.queues))
    #expect(device.paths.allSatisfy { $0.join == expectation.join })
    let interrupts = device.paths.compactMap(\.irq)
    #expect(interrupts.count == (expectation.join == .unknown ? 0 : expectation.queues))
    let others = devices.filter { $0.link.name != expectation.device }.flatMap(\.paths)
      .compactMap(\.irq)
    #expect(Set(interrupts + others).count == interrupts.count + others.count)
  }

  /// Every knob has a place on some host, and a value or a reason at each of its places.
  @Test func everyKnobAnswersAtItsPlaces() throws {
    var (placed, valued): (Set<Knob>, Set<Knob>) = ([], [])
    for (capture, device) in [("igb-7.3", "eth0"), ("virtio-4q-7.3", "eth1"), ("vmxnet3", "eth0")] {
      let host = try Self.host(capture)
      let answers = SharedAnswers()
      for knob in Knob.catalogue {
        // Before 6.3 no kernel tells a NAPI instance.
        guard let targets = try? host.places(of: knob, on: [device], sharing: answers) else {
          #expect(knob.id.hasPrefix("napi.") && capture == "vmxnet3", "\(capture), \(knob.id)")
          continue
        }
        for target in targets {
          placed.insert(knob)
          switch host.reading(of: knob, at: target, sharing: answers) {
          case .value(let reading):
            #expect(!reading.origin.isEmpty, "\(knob.id)")
            valued.insert(knob)
          case .absent(let absence):
            #expect(absence.detail != nil, "\(knob.id)")
            #expect(absence.reason != .unreadable, "\(capture), \(knob.id) \(target): \(absence)")
          }
        }
      }
    }
    let unplaced = Knob.catalogue.filter { !placed.contains($0) }
    #expect(unplaced.allSatisfy { $0.scope == .socket })
    #expect(Knob.catalogue.allSatisfy { $0.scope != .socket || !placed.contains($0) })
    // What none of these drivers has.
    let absent = Knob.catalogue.filter { placed.contains($0) && !valued.contains($0) }
    #expect(
      Dictionary(grouping: absent) { $0.id.prefix { $0 != "." } }.mapValues(\.count) == [
        "tunable": 3, "channels": 2, "rings": 6, "coalesce": 26, "cpufreq": 1, "cpuidle": 1,
      ])
  }

  @Test func whatAllQueuesSayIsSaidOnce() throws {
    let host = try Self.host("virtio-64q")
    let links = try host.links().filter { $0.name == "eth0" }
    let shown = ShowDocument(host.snapshot(of: links), stages: [.irq, .transmit]).lines
    #expect(shown.contains { $0.hasSuffix("XPS one queue a CPU (64 queues)") }, "\(shown)")
    #expect(shown.contains { $0.hasPrefix("  all queues: join msi, ") }, "\(shown)")
    let rows = host.survey(
      .rpsCPUs, on: ["eth0"], sharing: SharedAnswers(), names: PlaceNames(host))
    #expect(rows.count == 64)
    let read = KnobReadings(rows).lines
    #expect(read.count == 2 && read[1].hasPrefix("eth0 rx-0 to rx-63  queue.rps-cpus"), "\(read)")
    #expect(read[1].hasSuffix("/sys/class/net/eth0/queues/rx-N/rps_cpus"), "\(read)")
  }

  /// Which IRQ serves a queue of a host that people described, as its driver's source has it.
  struct Report: CustomTestStringConvertible, Sendable {
    let capture: String
    let device: String
    let queues: Int
    /// Of queue 0; `step` further for each queue. nil: none is known, for the reason.
    var irq: Int?
    var step = 1
    var join = Join.msi
    var reason: UnknownInterrupt?

    var testDescription: String { "\(capture) \(device)" }
  }

  @Test(arguments: [
    Report(capture: "am65-cpsw", device: "eth0", queues: 1, irq: 224, join: .name),
    Report(capture: "bnx2x", device: "eth2", queues: 8, irq: 53),
    Report(capture: "bnx2x", device: "eth3", queues: 8, irq: 64),
    Report(capture: "cxgb4", device: "enp5s0f4", queues: 24, irq: 39),
    Report(capture: "cxgb4", device: "enp5s0f4d1", queues: 24, irq: 63),
    Report(capture: "e1000-shared-line", device: "eth0", queues: 1, irq: 11, join: .name),
    Report(capture: "e1000-shared-line", device: "eth1", queues: 1, irq: 11, join: .name),
    Report(capture: "ena-xen", device: "eth0", queues: 8, irq: 683),
    Report(capture: "gve", device: "ens3", queues: 1, irq: 32),
    Report(capture: "hv-netvsc", device: "eth0", queues: 2, reason: .bus("vmbus")),
    Report(capture: "i40e-down", device: "eth0", queues: 4, irq: 33),
    Report(capture: "i40e-down", device: "eth1", queues: 4, reason: .names(vectors: 2)),
    Report(capture: "i40e-down", device: "eth0.376", queues: 1, reason: .virtual),
    Report(capture: "i40e-netmap", device: "enp1s0f0", queues: 8, irq: 34),
    Report(capture: "i40e-netmap", device: "enP1s15", queues: 4, irq: 10),
    Report(capture: "ixgbe-5.4", device: "enp4s0", queues: 32, irq: 100),
    Report(capture: "k1-emac", device: "eth0", queues: 1, irq: 26, join: .name),
    Report(capture: "k1-emac", device: "eth1", queues: 1, irq: 27, join: .name),
    Report(capture: "k1-emac", device: "eth2", queues: 4, irq: 38),
    Report(capture: "mlx4", device: "eth0", queues: 8, reason: .bus("vmbus")),
    Report(capture: "mlx4", device: "enP1p0s2", queues: 8, reason: .eventQueues),
    Report(capture: "mlx4-two-ports", device: "eth6", queues: 8, irq: 113),
    Report(capture: "mlx4-two-ports", device: "eth7", queues: 8, irq: 121),
    Report(capture: "mlx5-bond", device: "enp2s0f0np0", queues: 4, irq: 61),
    Report(capture: "mlx5-bond", device: "enp2s0f1np1", queues: 4, irq: 81),
    Report(capture: "mtk-soc-eth", device: "eth0", queues: 1, irq: 23, join: .name),
    Report(capture: "mvneta", device: "eth0", queues: 8, reason: .driverName("mvneta")),
    Report(capture: "mvneta", device: "eth1", queues: 8, reason: .driverName("mvneta")),
    Report(capture: "r8125", device: "eth0", queues: 3, irq: 30),
    Report(capture: "sfc", device: "enp2s0f0", queues: 4, irq: 60),
    Report(capture: "xen-netfront", device: "eth0", queues: 4, irq: 71, step: 2, join: .name),
  ])
  func queuesOfReportedHostsAreJoined(_ report: Report) throws {
    let host = try Self.host("Reported/\(report.capture)")
    let link = try #require(try host.links().first { $0.name == report.device })
    let paths = try #require(host.snapshot(of: [link], withSockets: false).devices.first).paths
    #expect(paths.count == report.queues)
    for path in paths {
      #expect(path.irq == report.irq.map { $0 + path.queue * report.step })
      #expect(path.join == (report.irq == nil ? .unknown : report.join))
      #expect(path.unknown == report.reason)
    }
    // Placement sees what a person is shown.
    let vectors = host.queueVectors(link).interrupts
    #expect(paths.allSatisfy { vectors[$0.queue] == $0.irq })
  }

  @Test func unknownInterruptsSayWhyInTextAndJSON() throws {
    let host = try Self.host("Reported/i40e-down")
    let link = try #require(try host.links().first { $0.name == "eth1" })
    let snapshot = host.snapshot(of: [link], withSockets: false)
    let sentence = "2 vectors, none of whose names shows a queue"
    let shown = ShowDocument(snapshot, stages: [.irq])
    #expect(shown.lines.contains("  IRQ unknown: \(sentence)"))
    let json = shown.json.line()
    #expect(
      json.contains(#""irq-unknown":{"reason":"names-tell-no-queue","text":"\#(sentence)"}"#),
      "\(json)")
  }

  /// Before 5.14 netlink tells no parent, and ethtool names virtio's PCI function; sysfs knows.
  @Test func virtioQueuesAreJoinedOnKernelsThatTellNoParent() throws {
    let host = try Self.host("virtio-4q")
    var capture = try Self.capture("virtio-4q")
    let links = try host.links().filter { $0.parentBus == "virtio" }
    #expect(links.count == 2)
    for index in capture.exchanges.indices {
      guard case .messages(var messages) = capture.exchanges[index].answer else { continue }
      for message in messages.indices where messages[message].type == 16 {
        for attribute in try messages[message].attributes(after: 16, "link")
        where [56, 57].contains(attribute.type) {
          // Unknown to any kernel yet.
          messages[message].payload[attribute.payload.startIndex - 1] = 0x3f
        }
      }
      capture.exchanges[index].answer = .messages(messages)
    }
    for link in links {
      let bus = try #require(link.parentDevice)
      capture.exchanges += [
        .init(.readLink(link.devicePath("device")), .strings(["../../../\(bus)"])),
        .init(
          .readLink(link.devicePath("device/subsystem")), .strings(["../../../../bus/virtio"])),
      ]
    }
    let old = ReceivePath.Host(ReplayKernel(capture))
    let silent = try old.links()
    #expect(silent.allSatisfy { $0.parentBus == nil && $0.parentDevice == nil })
    for link in links {
      let before = try #require(host.snapshot(of: [link]).devices.first)
      let after = try #require(
        old.snapshot(of: silent.filter { $0.name == link.name }).devices.first)
      #expect(after.paths.allSatisfy { $0.join == .msi })
      #expect(after.paths.map(\.irq) == before.paths.map(\.irq))
      #expect(after.numaNode == before.numaNode)
    }
  }

  /// What a plan says of irqbalance it says of a record too, which tells of no other process.
  @Test func aRecordTellsThatIRQBalanceRuns() throws {
    var host = try Self.capture("igb")
    host.exchanges.removeAll { $0.question == .list(.proc(".")) }
    host.exchanges += [
      .init(.list(.proc(".")), .strings(["1", "77", "78", "irq"])),
      .init(.read(.proc("1/comm")), .bytes(Array("systemd\n".utf8))),
      .init(.read(.proc("77/comm")), .bytes(Array("irqbalance\n".utf8))),
      .init(.read(.proc("78/comm")), .bytes(Array("mine\n".utf8))),
    ]
    let record = try CaptureCommand.record(ReplayKernel(host))
    #expect(!record.exchanges.contains { $0.question == .read(.proc("1/comm")) })
    let file = NSTemporaryDirectory() + "rxtune-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(record.write()).write(to: URL(filePath: file))
    let plan = try Shell.result("\(Program.rxtune) plan spread eth0 --from \(file)")
    #expect(plan.output.contains("irqbalance (pid 77) is running"), "\(plan.output)")
  }

  /// All that the newest recorded kernel tells is known; what an older rxtune would not know is named.
  @Test func aRecordNamesWhatIsUnknown() throws {
    let show = "\(Program.rxtune) show rxlab0 --json --from"
    let file = Self.fixtures.appending(path: "virtual-7.3.capture").path
    #expect(try Shell.result("\(show) \(file)").output.contains("\"unknown-attributes\": [],"))
    var capture = try Self.capture("virtual-7.3")
    for index in capture.exchanges.indices {
      guard case .messages(var messages) = capture.exchanges[index].answer else { continue }
      for message in messages.indices where messages[message].type == 16 {
        for attribute in (try? messages[message].attributes(after: 16, "link")).map(Array.init)
          ?? []
        where attribute.type == 69 {
          messages[message].payload[attribute.payload.startIndex - 2] = 99
        }
      }
      capture.exchanges[index].answer = .messages(messages)
    }
    let later = NSTemporaryDirectory() + "rxtune-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: later) }
    try Data(capture.write()).write(to: URL(filePath: later))
    #expect(
      try Shell.result("\(show) \(later)").output.contains(
        "\"unknown-attributes\": [\"rtnetlink link 99\"],"))
  }

  /// The flows that were sent through a guest when it was recorded, and the queues they came to.
  static func landings(_ capture: String) throws -> [(queue: String, flow: String)] {
    let file = fixtures.appending(path: capture + ".landings")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      return (words[0], words[1])
    }
  }

  @Test(arguments: [
    ("igb", "eth0"), ("igb-7.3", "eth0"), ("virtio-4q", "eth0"), ("virtio-4q-7.3", "eth0"),
    ("virtual", "rxlab0"), ("virtual-7.3", "rxlab0"),
  ])
  func flowsGoWhereTheirPacketsWent(capture: String, device: String) throws {
    let host = try Self.host(capture)
    let link = try #require(try host.links().first { $0.name == device })
    let landings = try Self.landings(capture)
    #expect(landings.count >= 96)
    let inputs = try host.flowInputs(of: link)
    for (queue, flow) in landings {
      let predicted = try FlowPrediction(Flow(flow), inputs).queue.get()
      #expect(String(predicted) == queue, "\(flow)")
    }
  }
}

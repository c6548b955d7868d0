import Foundation
import KernelIO
import Netlink
import ReceivePath
import TestSupport
import Testing

@testable import Commands

/// The recorded guests of the lab of real drivers, in Tests/Fixtures.
@Suite("Recorded hosts") struct RecordedHostTests {
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
    Expectation(capture: "two-igb", device: "eth1", queues: 4, join: .msi),
    Expectation(capture: "virtio-4q", device: "eth0", queues: 4, join: .msi),
    Expectation(capture: "virtio-4q", device: "eth1", queues: 4, join: .msi),
    Expectation(capture: "virtio-4q-6.12", device: "eth0", queues: 4, join: .msi),
    Expectation(capture: "virtio-64q", device: "eth0", queues: 64, join: .msi),
    Expectation(capture: "vmxnet3", device: "eth0", queues: 4, join: .msi),
    Expectation(capture: "e1000e", device: "eth0", queues: 1, join: .msi),
    Expectation(capture: "virtual", device: "rxlab0", queues: 8, join: .unknown),
    Expectation(capture: "virtual-6.12", device: "rxlab0", queues: 8, join: .kernel),
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

  /// The flows that were sent through a guest when it was recorded, and the queues they came to.
  static func landings(_ capture: String) throws -> [(queue: String, flow: String)] {
    let file = fixtures.appending(path: capture + ".landings")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      return (words[0], words[1])
    }
  }

  @Test(arguments: [("igb", "eth0"), ("virtio-4q", "eth0"), ("virtual", "rxlab0")])
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

import KernelIO
import Knobs
import Netlink
import TestSupport
import Testing

@testable import ReceivePath

@Suite("Unknown attributes") struct UnknownAttributesTests {
  /// A kernel of the future: a ring parameter, a flow type, a queue's and a link's attribute, and
  /// operations that nobody knows yet.
  private static func host() throws -> Host {
    let kernel = ScriptedKernel()
    func add(
      _ name: String, _ id: UInt16, operations: [UInt8], _ command: UInt8,
      flags: NetlinkRequest.Flags = [], _ ask: (inout AttributeWriter) -> Void,
      _ answer: (inout AttributeWriter) -> Void
    ) {
      let family = GenericFamily(name: name, id: id, operations: operations)
      var reply = AttributeWriter(header: [2, 1, 0, 0])
      reply.put(1, id)
      reply.put(2, name)
      reply.nest(6) { list in
        for (index, operation) in operations.enumerated() {
          list.nest(UInt16(index + 1)) { $0.put(1, UInt32(operation)) }
        }
      }
      kernel.replies[GenericFamily.request(named: name)] = [
        NetlinkMessage(type: 16, payload: reply.bytes)
      ]
      let request = family.request(command: command, flags: flags, subject: "", ask)
      var message = AttributeWriter(header: [command, 1, 0, 0])
      answer(&message)
      kernel.replies[request] = [NetlinkMessage(type: id, payload: message.bytes)]
    }
    func device(_ writer: inout AttributeWriter) { writer.nest(1) { $0.put(2, "v0") } }
    let operations: [UInt8] = [15, 38, 51, 52]
    add("ethtool", 21, operations: operations, 15, device) {
      device(&$0)
      $0.put(6, UInt32(256))
      $0.put(18, UInt32(0))
      $0.put(19, UInt32(1))
    }
    add("ethtool", 21, operations: operations, 38, device) {
      device(&$0)
      $0.nest(8) { fields in
        fields.put(27, UInt64(0x30))
        fields.put(28, UInt64(0x30))
      }
    }
    add("netdev", 22, operations: [10, 16, 17], 10, flags: .dump, { $0.put(2, UInt32(7)) }) {
      $0.put(1, UInt32(0))
      $0.put(3, UInt32(0))
      $0.put(2, UInt32(7))
      $0.nest(8) { $0.put(9, UInt32(1)) }
    }
    let links = NetlinkRequest(
      .route, type: 18, flags: .dump, payload: [UInt8](repeating: 0, count: 16), subject: "")
    kernel.replies[links] = [LinkTests.message { $0.put(70, UInt32(1)) }]
    return Host(kernel)
  }

  @Test func areListedOnceWhereTheyAreAskedFor() throws {
    let host = try Self.host()
    host.collectUnknownAttributes()
    for _ in 0..<2 {
      let link = try #require(try host.links().first)
      let snapshot = host.snapshot(of: [link])
      let unknown = try #require(snapshot.unknown)
      #expect(
        unknown.attributes.sorted() == [
          "ethtool rings-get 19", "ethtool rss-get 8/28", "netdev queue-get 8/9",
          "rtnetlink link 70",
        ])
      #expect(
        unknown.operations == ["netdev 17", "ethtool 52"]
          || unknown.operations == ["ethtool 52", "netdev 17"])
      // They are skipped; what is known beside them is read.
      let device = try #require(snapshot.devices.first)
      #expect(device.rings.value?.number("rx") == 256)
      #expect(device.queues.value?.first?.takenBy == "lease")
      #expect(device.rss.value?.fields.isEmpty == false)
    }
  }

  @Test func nobodyAskedMeansNone() throws {
    let host = try Self.host()
    let link = try #require(try host.links().first)
    #expect(host.snapshot(of: [link]).unknown == nil)
  }

  /// A made-up capture cannot fill a bug report.
  @Test func areBounded() throws {
    var writer = AttributeWriter()
    for type: UInt16 in 100..<400 { writer.put(type, UInt32(0)) }
    var unknown = UnknownAttributes()
    unknown.note("rtnetlink link", try Attributes(writer.bytes, "link"), KnownAttributes(upTo: 69))
    #expect(unknown.attributes.count == 100)
  }

  /// Every operation up to Linux 7.3 is either used or left alone for a reason, and never both.
  @Test func operationsAreUsedOrNot() {
    let ethtool = EthtoolFamily.unused.flatMap(\.commands)
    for operation: UInt8 in 1...51 {
      let isUsed = EthtoolFamily.Command(rawValue: operation) != nil
      #expect(isUsed != ethtool.contains(operation), "ethtool \(operation)")
    }
    let netdev = NetdevFamily.unused.flatMap(\.commands)
    // 2 to 4 and 6 to 8 are notifications.
    for operation: UInt8 in [1, 5] + Array(9...16) {
      let isUsed = NetdevFamily.Command(rawValue: operation) != nil
      #expect(isUsed != netdev.contains(operation), "netdev \(operation)")
    }
    #expect((ethtool + netdev).count == Set(ethtool).count + Set(netdev).count)
  }
}

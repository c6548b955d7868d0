import Netlink
import TestSupport
import Testing

@testable import KernelIO

@Suite("DeviceEvent") struct DeviceEventTests {
  static let link: [UInt8] = {
    var writer = AttributeWriter(
      header: [0, 0, 1, 0] + hostBytes(UInt32(7)) + hostBytes(UInt32(1)) + [0, 0, 0, 0])
    writer.put(4, UInt32(1500))
    writer.put(3, "eth0")
    return writer.bytes
  }()

  static let channels: [UInt8] = {
    var writer = AttributeWriter(header: [19, 1, 0, 0])
    writer.nest(1) { header in
      header.put(1, UInt32(7))
      header.put(2, "eth0")
    }
    writer.put(9, UInt32(4))
    return writer.bytes
  }()

  @Test func announcementsNameDeviceAndCommand() throws {
    let new = try DeviceEvent(link: NetlinkMessage(type: 16, payload: Self.link))
    #expect(new == .link(index: 7, name: "eth0", isUp: true))
    #expect(new?.command == "newlink")
    let gone = try DeviceEvent(link: NetlinkMessage(type: 17, payload: Self.link))
    #expect(gone == .linkGone(index: 7, name: "eth0"))
    #expect(try DeviceEvent(link: NetlinkMessage(type: 20, payload: Self.link)) == nil)
    let event = try DeviceEvent(ethtool: NetlinkMessage(type: 21, payload: Self.channels))
    #expect(event == .ethtool(index: 7, name: "eth0", command: 19))
    #expect(event.command == "channels-ntf")
    #expect(event.device == "eth0")
    #expect(DeviceEvent.ethtool(index: 7, name: "eth0", command: 200).command == "ethtool-200")
  }

  @Test func everyPrefixDecodesOrThrows() {
    // Only padding may be missing of the name, which is last.
    let links = (0..<Self.link.count).compactMap { count in
      try? DeviceEvent(link: NetlinkMessage(type: 16, payload: Array(Self.link[..<count])))
    }
    #expect(links == Array(repeating: .link(index: 7, name: "eth0", isUp: true), count: 3))
    // Or all of the number behind the header, before it begins.
    let changes = (0..<Self.channels.count).compactMap { count in
      try? DeviceEvent(ethtool: NetlinkMessage(type: 21, payload: Array(Self.channels[..<count])))
    }
    #expect(changes == [.ethtool(index: 7, name: "eth0", command: 19)])
  }

  /// An event of the device and the command that stand in the header, or a place in the message.
  @Test func randomDamageIsAnEventOrAnError() {
    var generator = SplitMix(seed: 3)
    func expect(_ payload: [UInt8], _ decode: () throws(DecodeError) -> DeviceEvent?) -> Bool {
      do {
        switch try decode() {
        case .link(let index, _, let isUp):
          #expect(index == hostInteger(payload[4..<8]) && isUp == (payload[8] & 1 != 0))
        case .ethtool(_, _, let command): #expect(command == payload[0])
        case let other: Issue.record("\(String(describing: other)) of \(payload)")
        }
        return true
      } catch {
        #expect((0...payload.count).contains(error.offset), "\(error)")
        return false
      }
    }
    var events = 0
    for _ in 0..<3_000 {
      let link = Damage.random(Self.link, using: &generator)
      let isLink = expect(link) { () throws(DecodeError) in
        try DeviceEvent(link: NetlinkMessage(type: 16, payload: link))
      }
      let channels = Damage.random(Self.channels, using: &generator)
      let isChange = expect(channels) { () throws(DecodeError) in
        try DeviceEvent(ethtool: NetlinkMessage(type: 21, payload: channels))
      }
      events += (isLink ? 1 : 0) + (isChange ? 1 : 0)
    }
    #expect((300..<5_700).contains(events), "\(events)")
  }
}

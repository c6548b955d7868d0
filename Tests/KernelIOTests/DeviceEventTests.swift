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
    for count in 0..<Self.link.count {
      let message = NetlinkMessage(type: 16, payload: Array(Self.link[..<count]))
      // Only padding may be missing of the name, which is last.
      if let event = try? DeviceEvent(link: message) {
        #expect(event == .link(index: 7, name: "eth0", isUp: true))
      }
    }
    for count in 0..<Self.channels.count {
      let message = NetlinkMessage(type: 21, payload: Array(Self.channels[..<count]))
      if let event = try? DeviceEvent(ethtool: message) {
        #expect(event == .ethtool(index: 7, name: "eth0", command: 19))
      }
    }
  }

  @Test func randomDamageNeverTraps() {
    var generator = SplitMix(seed: 3)
    for _ in 0..<3_000 {
      let link = Damage.random(Self.link, using: &generator)
      _ = try? DeviceEvent(link: NetlinkMessage(type: 16, payload: link))
      let channels = Damage.random(Self.channels, using: &generator)
      _ = try? DeviceEvent(ethtool: NetlinkMessage(type: 21, payload: channels))
    }
  }
}

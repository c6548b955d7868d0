import TestSupport
import Testing

@testable import Netlink

/// Whatever the bytes, a decoder throws or returns: a trap here ends the test run.
@Suite("Decoders on broken messages") struct DecoderTests {
  @Test(arguments: NetlinkSamples.all)
  func everyPrefix(sample: [UInt8]) {
    for count in 0...sample.count { NetlinkSamples.decodeAll(Array(sample[..<count])) }
  }

  @Test(arguments: NetlinkSamples.all)
  func everyByteReplaced(sample: [UInt8]) {
    for index in sample.indices {
      for value: UInt8 in [0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xfe, 0xff] {
        var damaged = sample
        damaged[index] = value
        NetlinkSamples.decodeAll(damaged)
      }
    }
  }

  @Test(arguments: NetlinkSamples.all)
  func randomDamage(sample: [UInt8]) {
    var generator = SplitMix(seed: UInt64(sample.count))
    for _ in 0..<2_000 {
      NetlinkSamples.decodeAll(Damage.random(sample, 8, using: &generator))
    }
  }

  @Test func randomBytes() {
    var generator = SplitMix(seed: 7)
    for _ in 0..<2_000 {
      let count = Int.random(in: 0..<128, using: &generator)
      NetlinkSamples.decodeAll((0..<count).map { _ in .random(in: 0...8, using: &generator) })
    }
  }

  @Test func theSamplesAreWholeAndDecode() throws {
    let family = try GenericFamily(reply: NetlinkMessage(type: 16, payload: NetlinkSamples.family))
    #expect(
      family
        == GenericFamily(
          name: "ethtool", id: 21, version: 1, operations: [1, 2, 3], groups: ["monitor": 5]))
    let status = try NetlinkStatus(
      payload: NetlinkSamples.status, flags: 0x300, echoesRequest: true)
    #expect(status.errno == 22)
    #expect(
      status.extendedAck
        == ExtendedAck(message: "requested ring size exceeds maximum", offset: 28, missingType: 3))
    let done = try NetlinkStatus(payload: NetlinkSamples.done, flags: 0x200, echoesRequest: false)
    #expect(done.errno == 95)
    #expect(done.extendedAck?.message == "not here")
    let message = NetlinkMessage(type: 20, payload: NetlinkSamples.bitset)
    let attribute = try #require(try message.attributes(after: 4, "features")[1 as UInt16])
    let bitset = try Bitset(attribute)
    #expect(bitset.names == ["feature-1"])
    #expect(bitset.bits.count == 3)
  }

  /// An echo whose length runs past the message, or to the last byte of it.
  @Test(arguments: [UInt32.min, 15, 16, 17, 35, 0x7fff_ffff, 0xffff_fffd, UInt32.max])
  func aLyingEchoIsRefused(length: UInt32) {
    var bytes = NetlinkSamples.status
    bytes.replaceSubrange(4..<8, with: hostBytes(length))
    _ = try? NetlinkStatus(payload: bytes, flags: 0x200, echoesRequest: true)
    let lowest = hostBytes(Int32.min) + bytes.dropFirst(4)
    let status = try? NetlinkStatus(payload: lowest, flags: 0, echoesRequest: true)
    #expect(status?.errno == .max)
  }
}

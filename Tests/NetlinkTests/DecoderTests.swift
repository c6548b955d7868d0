import TestSupport
import Testing

@testable import Netlink

/// Whatever the bytes, a decoder reads them or says where among them it cannot go on.
@Suite("Decoders on broken messages") struct DecoderTests {
  private static func expectWhere(_ bytes: [UInt8]) {
    for error in NetlinkSamples.refusals(of: bytes) {
      #expect((0...bytes.count).contains(error.offset), "\(error) of \(bytes)")
      #expect(!error.context.isEmpty && !error.problem.isEmpty)
    }
  }

  @Test(arguments: NetlinkSamples.all)
  func everyPrefix(sample: [UInt8]) {
    for count in 0...sample.count { Self.expectWhere(Array(sample[..<count])) }
  }

  @Test(arguments: NetlinkSamples.all)
  func everyByteReplaced(sample: [UInt8]) {
    for index in sample.indices {
      for value: UInt8 in [0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xfe, 0xff] {
        var damaged = sample
        damaged[index] = value
        Self.expectWhere(damaged)
      }
    }
  }

  @Test(arguments: NetlinkSamples.all)
  func randomDamage(sample: [UInt8]) {
    var generator = SplitMix(seed: UInt64(sample.count))
    for _ in 0..<2_000 {
      Self.expectWhere(Damage.random(sample, 8, using: &generator))
    }
  }

  /// What is read is written so that the same is read again: attributes, whatever their bytes.
  @Test func whatDecodesIsWrittenAndDecodesAsTheSame() throws {
    func list(_ bytes: [UInt8]) throws -> [(type: UInt16, payload: [UInt8])] {
      try Attributes(bytes, "sample").map { ($0.type, Array($0.payload)) }
    }
    var generator = SplitMix(seed: 7)
    var decoded = 0
    for _ in 0..<2_000 {
      let bytes = Damage.random(Array(NetlinkSamples.attributes.dropFirst(4)), using: &generator)
      Self.expectWhere(bytes)
      guard let read = try? list(bytes) else { continue }
      decoded += 1
      var writer = AttributeWriter()
      for (type, payload) in read { writer.put(type, bytes: payload) }
      let again = try list(writer.bytes)
      #expect(again.map(\.type) == read.map(\.type))
      #expect(again.map(\.payload) == read.map(\.payload))
    }
    #expect((200..<1_800).contains(decoded), "\(decoded)")
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

  /// An error that echoes a whole request, which says that it is `length` bytes long.
  private func echo(_ request: [UInt8], length: UInt32) throws -> NetlinkStatus {
    var writer = AttributeWriter(
      header: hostBytes(Int32(-22)) + hostBytes(length) + request.dropFirst(4))
    writer.put(1, "no")
    return try NetlinkStatus(payload: writer.bytes, flags: 0x200, echoesRequest: true)
  }

  @Test(arguments: [16, 17, 20, 35, 36])
  func wordsAreFoundBehindTheEcho(length: Int) throws {
    let request = [UInt8](repeating: 0xff, count: (length + 3) & ~3)
    #expect(
      try echo(request, length: UInt32(length)).extendedAck == ExtendedAck(message: "no"))
  }

  /// Lengths that end amid the request, or run past the message.
  @Test(arguments: [0, 15, 16, 17, 35, 40, 0x7fff_ffff, 0xffff_fffd, UInt32.max])
  func aLyingEchoIsRefused(length: UInt32) {
    #expect(throws: DecodeError.self) {
      try echo([UInt8](repeating: 0xff, count: 64), length: length)
    }
  }

  @Test func theLowestErrnoIsNoTrap() throws {
    let lowest = hostBytes(Int32.min) + NetlinkSamples.status.dropFirst(4)
    #expect(try NetlinkStatus(payload: lowest, flags: 0, echoesRequest: true).errno == .max)
  }
}

import Testing

@testable import Netlink

@Suite("Attributes") struct AttributeTests {
  /// A message as the kernel would send it: a number, a string, a nest, an odd length.
  static let sample: [UInt8] = {
    var writer = AttributeWriter()
    writer.put(1, UInt32(7))
    writer.put(2, "eth0")
    writer.nest(3) { nest in
      nest.put(1, UInt64(1 << 40))
      nest.put(2, bytes: [0xaa, 0xbb, 0xcc])
    }
    return writer.bytes
  }()

  @Test func readsBackWhatWasWritten() throws {
    let attributes = try Attributes(Self.sample, "sample")
    #expect(try attributes[1]?.u32() == 7)
    #expect(attributes[2]?.string() == "eth0")
    let nest = try #require(try attributes[3]?.nested())
    #expect(try nest[1]?.u64() == 1 << 40)
    #expect(try nest[1]?.uint() == 1 << 40)
    #expect(nest[2].map { Array($0.payload) } == [0xaa, 0xbb, 0xcc])
    #expect(attributes[99] == nil)
  }

  @Test func aWrongWidthNamesTheAttribute() throws {
    let attributes = try Attributes(Self.sample, "sample")
    #expect(
      throws: DecodeError("sample/2", offset: 0, "5 bytes where 4 are due")
    ) { try attributes[2]?.u32() }
  }

  /// Cut anywhere, the list either still holds whole attributes or says where it broke.
  @Test(arguments: 0...sample.count)
  func everyPrefixDecodesOrSaysWhere(count: Int) {
    do {
      let attributes = try Attributes(Self.sample[..<count], "sample")
      #expect(attributes.allSatisfy { $0.payload.count <= count })
    } catch {
      #expect(error.offset <= count)
      #expect(error.context == "sample")
    }
  }

  @Test func lengthsBeyondTheEndAndBelowTheHeaderAreRefused() {
    for bytes: [UInt8] in [[3, 0, 1, 0], [0, 0, 1, 0], [0xff, 0xff, 1, 0, 9]] {
      #expect(throws: DecodeError.self) { try Attributes(bytes, "x") }
    }
  }
}

import Glibc
import TestSupport
import Testing

@testable import Notation

@Suite("IP addresses") struct IPAddressTests {
  /// RFC 5952, section 4 and 5; RFC 4291, section 2.2.
  @Test(arguments: [
    ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
    ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"), ("2001:0db8::0001", "2001:db8::1"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("0:0:0:0:0:0:0:0", "::"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::ffff:192.0.2.1", "::ffff:c000:201"),
    ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"),
  ])
  func everySpellingHasOneThatIsWritten(typed: String, written: String) throws {
    let address = try #require(IPAddress(typed))
    #expect(address.description == written)
    #expect(IPAddress(written) == address)
  }

  @Test(arguments: [
    "", ".", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.0.0.1", "01.2.3.4",
    "+1.2.3.4", "-1.2.3.4", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4/24", "0x1.2.3.4", "１.2.3.4", "1.2.3.é",
    ":", ":::", "1:::2", "::1::", "1::2::3", ":1", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::", "+1::", "-1::", "::1%eth0",
    "::1/64",
    "1.2.3.4::", "::1.2.3.4:1", "1:2:3:4:5:6:7:1.2.3.4", "::01.2.3.4", "::1.2.3", "[::1]",
    "::\u{0}",
  ])
  func whatIsNoAddressIsRefused(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test func whatIsWrittenIsRead() {
    var random = SplitMix(seed: 2)
    for round in 0..<2_000 {
      // Many groups are zero, so that runs of every length and place occur.
      let bytes = (0..<(round % 4 == 0 ? 4 : 16)).map { _ in
        Bool.random(using: &random) ? 0 : UInt8.random(in: .min ... .max, using: &random)
      }
      let address = IPAddress(bytes: bytes)
      #expect(address?.bytes == bytes)
      let text = address?.description ?? ""
      #expect(IPAddress(text) == address, "\(text)")
      #expect(libcReads(text) == bytes, "\(text)")
    }
  }

  /// inet_pton(3) is as strict; what one takes, both take, and as the same address.
  @Test func noTextIsReadInAnotherWayThanByLibc() {
    var random = SplitMix(seed: 3)
    let alphabet = Array("01ff::::....9aG%+")
    for _ in 0..<20_000 {
      let length = Int.random(in: 0...14, using: &random)
      let text = String((0..<length).compactMap { _ in alphabet.randomElement(using: &random) })
      #expect(IPAddress(text)?.bytes == libcReads(text), "\(text)")
    }
  }

  @Test(arguments: [0, 1, 3, 5, 15, 17])
  func otherNumbersOfBytesAreNoAddress(count: Int) {
    #expect(IPAddress(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }

  @Test(arguments: [
    ("::ffff:192.0.2.1", "192.0.2.1"), ("::fffe:192.0.2.1", "::fffe:c000:201"),
    ("::1", "::1"), ("192.0.2.1", "192.0.2.1"),
  ])
  func aMappedAddressIsIPv4OnTheWire(typed: String, carried: String) throws {
    #expect(try #require(IPAddress(typed)).onTheWire.description == carried)
  }

  private func libcReads(_ text: String) -> [UInt8]? {
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: count)
      if unsafe inet_pton(family, text, &bytes) == 1 { return bytes }
    }
    return nil
  }
}

import TestSupport
import Testing

@testable import Notation

@Suite("Hex digits") struct HexTests {
  @Test(arguments: [
    ([UInt8](), "", ""), ([0], "00", "00"), ([0, 0x6d, 0xff], "00:6d:ff", "006dff"),
  ])
  func bytesAreTwoDigitsEach(bytes: [UInt8], separated: String, plain: String) {
    #expect(Hex.text(bytes, separator: ":") == separated)
    #expect(Hex.text(bytes) == plain)
  }

  @Test func whatIsWrittenIsRead() {
    var random = SplitMix(seed: 1)
    for length in 1...64 {
      let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let text = Hex.text(bytes, separator: "-")
      #expect(Hex.bytes(text, separator: "-") == bytes, "\(text)")
      #expect(Hex.bytes(text.uppercased(), separator: "-") == bytes, "\(text)")
    }
  }

  @Test(arguments: [
    "", ":", "0", "000", "00:", ":00", "00::00", "0g", "g0", "0x", "-1", "+1", " 0", "0 ", "00-00",
    "00:0", "é", "0é", "０0", "00\u{0}", "\u{301}00",
  ])
  func whatIsNotPairsIsRefused(text: String) {
    #expect(Hex.bytes(text, separator: ":") == nil)
  }

  @Test func onlyTheDigitsAreDigits() {
    let digits = (UInt8.min...UInt8.max).filter { Hex.digit($0) != nil }
    #expect(digits == Array("0123456789ABCDEFabcdef".utf8))
    #expect("0123456789abcdef".utf8.map { Hex.digit($0) } == (0..<16).map { UInt8($0) })
    #expect("ABCDEF".utf8.map { Hex.digit($0) } == (10..<16).map { UInt8($0) })
  }
}

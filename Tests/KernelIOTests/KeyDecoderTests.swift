import TestSupport
import Testing

@testable import KernelIO

@Suite struct KeyDecoderTests {
  private func keys(_ text: String) -> [KeyPress] {
    var decoder = KeyDecoder()
    return decoder.decode(Array(text.utf8)) + decoder.flush()
  }

  @Test(arguments: [
    ("q", KeyPress.character("q")), ("é", .character("é")), ("世", .character("世")),
    ("\r", .enter), ("\n", .enter), ("\t", .tab), ("\u{7f}", .backspace), ("\u{8}", .backspace),
    ("\u{1b}", .escape), ("\u{1b}[A", .up), ("\u{1b}OB", .down), ("\u{1b}[C", .right),
    ("\u{1b}[D", .left), ("\u{1b}[1;5D", .left), ("\u{1b}[H", .home), ("\u{1b}[4~", .end),
    ("\u{1b}[5~", .pageUp), ("\u{1b}[6;2~", .pageDown), ("\u{1b}[3~", .delete),
    ("\u{1b}[Z", .backTab),
  ])
  func oneKey(text: String, key: KeyPress) {
    #expect(keys(text) == [key])
  }

  @Test(arguments: ["\u{1}", "\u{1b}[99~", "\u{1b}[?1;2c", "\u{1b}x", "\u{1b}OP"])
  func noKey(text: String) {
    #expect(keys(text + "q") == [.character("q")])
  }

  @Test func bytesThatAreNoCharacter() {
    for bytes: [UInt8] in [
      [0xff], [0xc3, 0x28], [0xe4, 0xb8], [0xed, 0xa0, 0x80], [0xf5, 0x80],
    ] {
      var decoder = KeyDecoder()
      let keys = decoder.decode(bytes + [UInt8(ascii: "q")])
      #expect(keys.last == .character("q"), "\(bytes)")
      #expect(!decoder.isWaiting)
    }
  }

  /// A slow line delivers a sequence in pieces.
  @Test func sequencesInPieces() {
    let text = Array("a\u{1b}[1;5C世\u{1b}OAz".utf8)
    for cut in text.indices {
      var decoder = KeyDecoder()
      let keys = decoder.decode(Array(text[..<cut])) + decoder.decode(Array(text[cut...]))
      #expect(keys == [.character("a"), .right, .character("世"), .up, .character("z")])
    }
  }

  @Test func aLoneEscapeIsKnownOnlyAfterAWhile() {
    var decoder = KeyDecoder()
    #expect(decoder.decode([0x1b]).isEmpty && decoder.isWaiting)
    #expect(decoder.flush() == [.escape] && !decoder.isWaiting)
    #expect(decoder.decode([0x1b, 0x1b]) == [.escape] && decoder.isWaiting)
  }

  @Test func aSequenceWithoutEndHoldsNothingUp() {
    var decoder = KeyDecoder()
    _ = decoder.decode(Array("\u{1b}[".utf8) + [UInt8](repeating: UInt8(ascii: "1"), count: 40))
    #expect(decoder.decode(Array("q".utf8)).contains(.character("q")))
  }

  @Test func anyBytes() {
    var generator = SplitMix(seed: 3)
    var decoder = KeyDecoder()
    for _ in 0..<2_000 {
      let count = Int.random(in: 1...6, using: &generator)
      var bytes: [UInt8] = []
      for _ in 0..<count {
        let any = UInt8.random(in: .min ... .max, using: &generator)
        bytes.append([0x1b, UInt8(ascii: "["), any].randomElement(using: &generator) ?? any)
      }
      _ = decoder.decode(bytes)
    }
    _ = decoder.flush()
    #expect(decoder.decode(Array("q".utf8)) == [.character("q")])
  }
}

@Suite struct ScreenTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func onlyLinesThatChangedAreSent() {
    var screen = Screen()
    let first = text(screen.update(["one", "two", "three"]))
    #expect(first.contains("\u{1b}[2J") && first.contains("\u{1b}[2;1Htwo"))
    let second = text(screen.update(["one", "TWO", "three"]))
    #expect(
      second == "\u{1b}[?2026h\u{1b}[2;1HTWO\u{1b}[0m\u{1b}[K\u{1b}[?2026l")
    #expect(screen.update(["one", "TWO", "three"]).isEmpty)
  }

  @Test func linesThatWentAreErased() {
    var screen = Screen()
    _ = screen.update(["one", "two", "three"])
    #expect(text(screen.update(["one"])).contains("\u{1b}[2;1H\u{1b}[J"))
  }

  @Test func afterAnotherSizeEverythingIsDrawnAgain() {
    var screen = Screen()
    _ = screen.update(["one"])
    screen.forget()
    let again = text(screen.update(["one"]))
    #expect(again.contains("\u{1b}[2J") && again.contains("\u{1b}[1;1Hone"))
  }
}

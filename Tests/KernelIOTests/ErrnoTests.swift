import FoundationEssentials
import Testing

@testable import KernelIO

/// A number's name alone explains nothing to whoever meets it first.
@Suite("Error numbers") struct ErrnoTests {
  @Test(arguments: Errno.allCases) func eachHasItsNameBehindWords(_ errno: Errno) throws {
    let name = try #require(errno.name)
    #expect(Errno(name: name) == errno)
    #expect(errno.explained.hasSuffix(" (\(name))"))
    Self.expectWords(errno.explained)
  }

  @Test func noneIsRaw() {
    for number in Int32(-1)...600 { Self.expectWords(Errno(rawValue: number).explained) }
  }

  /// What kernels of the recorded hosts refused, in the words that a person would meet.
  @Test func recordedRefusalsHaveWords() throws {
    let tests = #filePath.split(separator: "/").dropLast(2).reduce(into: "") { $0 += "/" + $1 }
    let names = try FileManager.default.subpathsOfDirectory(atPath: "\(tests)/Fixtures")
    var told: Set<String> = []
    for name in names where name.hasSuffix(".capture") {
      let bytes = try #require(FileManager.default.contents(atPath: "\(tests)/Fixtures/\(name)"))
      for case .refused(let errno, let words) in try Capture.parse([UInt8](bytes)).exchanges
        .map(\.answer)
      { told.insert(KernelError("read", "it", .errno(errno), extendedAck: words).reason) }
    }
    #expect(told.count >= 3)
    for reason in told {
      #expect(!reason.contains("unknown error"), "\(reason)")
      Self.expectWords(reason)
    }
  }

  /// Words stand before the bracket.
  private static func expectWords(_ text: String) {
    let words = text.prefix { $0 != "(" }
    #expect(words.count { $0.isLowercase } > 4 && words.hasSuffix(" "), "\(text)")
    #expect(!words.hasPrefix("errno"))
  }
}

import Testing

@testable import Notation

@Suite("Where a string stands in another") struct OccurrenceTests {
  @Test(arguments: [
    ("abcabc", "bc", 1), ("abc", "abc", 0), ("abc", "", 0), ("", "", 0), ("aab", "ab", 1),
    ("éa", "a", 1),
  ])
  func theFirstIsFound(text: String, part: String, offset: Int) throws {
    let found = try #require(text.firstOccurrence(of: part))
    #expect(text.distance(from: text.startIndex, to: found.lowerBound) == offset)
    #expect(text[found] == part)
    #expect(text.mentions(part))
  }

  @Test(arguments: [("abc", "d"), ("", "a"), ("abc", "abcd"), ("ab", "ba")])
  func whatIsNotThereIsNotFound(text: String, part: String) {
    #expect(text.firstOccurrence(of: part) == nil)
    #expect(!text.mentions(part))
  }

  @Test func partsOfStringsHaveTheirOwnIndices() throws {
    let rest = "a,b,c".dropFirst(2)
    let found = try #require(rest.firstOccurrence(of: ","))
    #expect(rest[found.upperBound...] == "c")
  }
}

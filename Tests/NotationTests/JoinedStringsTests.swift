import Notation
import Testing

@Suite("Joined strings") struct JoinedStringsTests {
  @Test(arguments: [[], ["a"], ["", ""], ["a", "", "b"], ["é", "🧵", "c"]] as [[String]])
  func areAsTheStandardLibrarysOfAnyCollection(strings: [String]) {
    for separator in ["", ", "] {
      #expect(strings.joined(separator: separator) == strings[...].joined(separator: separator))
    }
  }
}

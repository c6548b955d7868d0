import Testing

@testable import YAML

@Suite struct YAMLNodeTests {
  @Test func tellsWordsAndTheirPlaces() throws {
    let root = try #require(try YAMLNode.parse("# mine\na: 0512\nb:\n  ü: {c: off, d: \"x: y\"}\n"))
    let pairs = try #require(root.mapping)
    #expect(pairs.map(\.key.scalar) == ["a", "b"])
    #expect(pairs[0].value.scalar == "0512")
    #expect([pairs[0].value.line, pairs[0].value.column] == [2, 4])
    let inner = try #require(pairs[1].value.mapping?.first)
    #expect(inner.key.scalar == "ü")
    #expect([inner.value.line, inner.value.column] == [4, 6])
    let last = try #require(inner.value.mapping?.last)
    #expect(last.value.scalar == "x: y")
    #expect([last.key.line, last.key.column] == [4, 15])
  }

  @Test func aSequenceIsNeitherWordNorMapping() throws {
    let root = try #require(try YAMLNode.parse("- a\n- b\n"))
    #expect(root.scalar == nil)
    #expect(root.mapping == nil)
  }

  @Test(arguments: ["", "# nothing\n", "\n\n"])
  func hasNoDocument(_ text: String) throws {
    #expect(try YAMLNode.parse(text) == nil)
  }

  /// An anchor may hold an alias to itself, and nine of them a billion words: only what is looked
  /// at is followed.
  @Test func followsAliases() throws {
    let root = try #require(try YAMLNode.parse("a: &x {b: *x, c: 1}\nd: *x\n"))
    let anchored = try #require(root.mapping?.last?.value)
    #expect(anchored.mapping?.last?.value.scalar == "1")
    #expect(anchored.mapping?.first?.value.mapping?.last?.value.scalar == "1")
    var bomb = "a0: &a0 {x: y}\n"
    for level in 1...40 { bomb += "a\(level): &a\(level) {l: *a\(level - 1), r: *a\(level - 1)}\n" }
    #expect(try YAMLNode.parse(bomb)?.mapping?.count == 41)
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    var text: String
    var line: Int
    var column: Int
    var problem: String
    var testDescription: String { problem }
  }

  @Test(arguments: [
    Wrong(text: "a: [b", line: 2, column: 1, problem: "did not find expected ',' or ']'"),
    Wrong(text: "a: b: c", line: 1, column: 5, problem: "mapping values are not allowed"),
    Wrong(text: "ü: 1\na: \u{1}", line: 2, column: 4, problem: "control characters"),
    Wrong(text: "a: *b", line: 1, column: 4, problem: "undefined alias"),
    Wrong(text: "a: 1\n---\nb: 2", line: 3, column: 1, problem: "second document"),
    Wrong(text: "x:\n  a: 1\n  b: 2\n  a: 3", line: 2, column: 3, problem: "a is given twice"),
  ])
  func saysWhereItIsWrong(_ wrong: Wrong) throws {
    let error = try #require(throws: YAMLError.self) { try YAMLNode.parse(wrong.text) }
    #expect([error.line, error.column] == [wrong.line, wrong.column])
    #expect(error.problem.contains(wrong.problem), "\(error.problem)")
  }
}

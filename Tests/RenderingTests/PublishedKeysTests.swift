import Foundation
import Notation
import Testing

@testable import Rendering

/// Programs rely on the keys of documents: what a release published does not go, and does not
/// change its type, as long as the schema's version is the same.
///
/// The record is of the last release; `RXTUNE_RECORD=1` writes it anew.
@Suite("Published keys") struct PublishedKeysTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appending(path: "Fixtures/published-\(JSONSchema.version).keys")

  @Test func noneOfThemIsGone() throws {
    let now = Self.facts(of: JSONSchema.document)
    if ProcessInfo.processInfo.environment["RXTUNE_RECORD"] != nil {
      try Data((now.joined(separator: "\n") + "\n").utf8).write(to: Self.file)
    }
    let published = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n")
    #expect(published.count > 1000)
    let gone = Set(published.map(String.init)).subtracting(now)
    #expect(
      gone.isEmpty,
      """
      programs rely on these: keep them, or raise Envelope.schemaVersion and record anew: \
      \(gone.sorted().joined(separator: ", "))
      """)
  }

  /// What a change of each kind does to the facts that are recorded.
  @Test func aRemovedRetypedOrOptionalKeyIsNoticed() {
    func schema(_ member: JSON, required: Bool) -> JSON {
      .object([
        "$defs": .object([
          "show": .object([
            "type": .string("object"), "properties": .object(["name": member]),
            "required": .strings(required ? ["name"] : []),
          ])
        ])
      ])
    }
    let text = JSON.object(["type": .string("string")])
    let before = Set(Self.facts(of: schema(text, required: true)))
    #expect(before == ["show: object", "show.name: string", "show.name always"])
    let number = JSON.object(["type": .string("integer")])
    #expect(!before.isSubset(of: Self.facts(of: schema(number, required: true))))
    #expect(!before.isSubset(of: Self.facts(of: schema(text, required: false))))
    let word = JSON.object(["type": .string("string"), "enum": .strings(["a", "b"])])
    let words = Set(Self.facts(of: schema(word, required: true)))
    #expect(before.isSubset(of: words) && words.contains("show.name = b"))
  }

  /// A line each: "show.devices[].name: string", "show.devices[].name always", and the words that a
  /// string can be.
  private static func facts(of schema: JSON) -> [String] {
    guard case .object(let definitions)? = schema["$defs"] else { return [] }
    return Set(definitions.flatMap { facts(of: $0.value, at: $0.key) }).sorted()
  }

  private static func facts(of schema: JSON, at path: String) -> [String] {
    if case .string(let reference)? = schema["$ref"] {
      return ["\(path): \(reference.split(separator: "/").last ?? "")"]
    }
    if case .array(let others)? = schema["anyOf"] {
      return others.flatMap { facts(of: $0, at: path) }
    }
    var found = strings(schema["type"]).map { "\(path): \($0)" }
    found += strings(schema["enum"]).map { "\(path) = \($0)" }
    found += strings(schema["required"]).map { "\(path).\($0) always" }
    if let items = schema["items"] { found += facts(of: items, at: path + "[]") }
    if case .object(let members)? = schema["properties"] {
      found += members.flatMap { facts(of: $0.value, at: "\(path).\($0.key)") }
    }
    if case .object? = schema["additionalProperties"], let values = schema["additionalProperties"] {
      found += facts(of: values, at: path + ".*")
    }
    return found
  }

  private static func strings(_ value: JSON?) -> [String] {
    switch value {
    case .string(let text): [text]
    case .array(let values): values.flatMap { strings($0) }
    default: []
    }
  }
}

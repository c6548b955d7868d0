import Notation
import Testing

@testable import Rendering

/// Objects of the schema have no members but those that it names: its words are those of all
/// documents.
@Suite("Keys of the JSON Schema") struct JSONSchemaTests {
  @Test func keysHaveHyphensOnly() {
    let keys = Self.members(of: JSONSchema.document)
    #expect(keys.count > 200)
    for key in keys {
      let parts = key.split(separator: "-", omittingEmptySubsequences: false)
      #expect(
        parts.allSatisfy { part in
          !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
        }, "\(key)")
    }
  }

  @Test func objectsAreClosedUnlessTheirKeysAreData() {
    for object in Self.objects(in: JSONSchema.document) {
      switch (object["properties"], object["additionalProperties"]) {
      case (.object?, .bool(false)?), (nil, .object?): continue
      default: Issue.record("\(object.line())")
      }
    }
  }

  /// Schemas of objects, however deep.
  private static func objects(in schema: JSON) -> [JSON] {
    switch schema {
    case .object(let members):
      let inner = members.flatMap { member in objects(in: member.value) }
      return schema["type"] == .string("object") ? [schema] + inner : inner
    case .array(let values): return values.flatMap { value in objects(in: value) }
    default: return []
    }
  }

  /// Names of the members of all objects.
  private static func members(of schema: JSON) -> [String] {
    objects(in: schema).flatMap { object -> [String] in
      guard case .object(let members)? = object["properties"] else { return [] }
      return members.map(\.key)
    }
  }
}

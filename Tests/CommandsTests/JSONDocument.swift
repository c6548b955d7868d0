import Foundation
import TestSupport
import Testing

/// A JSON document that a program printed, to look into.
struct JSONDocument {
  private let value: Any?

  init(parsing text: String) throws {
    value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }

  private init(_ value: Any?) { self.value = value }

  subscript(_ key: String) -> JSONDocument { JSONDocument((value as? [String: Any])?[key]) }
  subscript(_ index: Int) -> JSONDocument {
    guard let array = value as? [Any], array.indices.contains(index) else {
      return JSONDocument(nil)
    }
    return JSONDocument(array[index])
  }

  var array: [JSONDocument] { (value as? [Any] ?? []).map(JSONDocument.init) }
  var keys: [String] { (value as? [String: Any])?.keys.sorted() ?? [] }
  var string: String? { value as? String }
  var int: Int? { (value as? NSNumber)?.intValue }
  var bool: Bool? { (value as? NSNumber)?.boolValue }
  var exists: Bool { value != nil }
}

extension String {
  /// What was printed, without who printed it when.
  var withoutEnvelope: String {
    guard let start = firstRange(of: "\n  \"rxtune\": {"),
      let end = self[start.upperBound...].firstRange(of: "\n  }")
    else { return self }
    return String(self[..<start.lowerBound] + self[end.upperBound...])
  }
}

extension JSONDocument {
  /// Runs rxtune from the calling thread's namespaces and parses what it prints.
  static func rxtune(_ arguments: String) throws -> JSONDocument {
    try JSONDocument(parsing: Shell.run("\(Program.rxtune) \(arguments)"))
  }
}

/// A value of a YAML document, with the place where it begins.
///
/// Scalars are the words that were written: nothing makes a number or a truth of them.
package struct YAMLNode: Sendable {
  package typealias Pair = (key: YAMLNode, value: YAMLNode)

  struct Entry {
    var line: Int
    var column: Int
    var content: Content
  }

  enum Content {
    case scalar(String)
    case sequence
    /// Keys and values, by their places in the document's entries.
    case mapping([(key: Int, value: Int)])
  }

  /// Of the whole document. An alias is its anchor's entry once more, so a small file stays small
  /// however often it repeats itself.
  private let entries: [Entry]
  private let entry: Entry

  /// The only document of `text`; nil where there is none, or nothing but comments.
  package static func parse(_ text: String) throws(YAMLError) -> YAMLNode? {
    let composer = Composer(text)
    guard let entries = try composer.nextDocument(), let root = entries.first else { return nil }
    if let other = try composer.nextDocument()?.first {
      throw YAMLError(other.line, other.column, "a second document begins here")
    }
    let document = entries.map { YAMLNode(entries: entries, entry: $0) }
    for node in document { try node.checkKeys() }
    return YAMLNode(entries: entries, entry: root)
  }

  private init(entries: [Entry], entry: Entry) {
    self.entries = entries
    self.entry = entry
  }

  /// From 1.
  package var line: Int { entry.line }
  /// From 1, in Unicode scalars.
  package var column: Int { entry.column }

  /// nil for a mapping or a sequence.
  package var scalar: String? {
    if case .scalar(let text) = entry.content { text } else { nil }
  }

  /// Keys and values as they are written; nil for a scalar or a sequence.
  package var mapping: [Pair]? {
    guard case .mapping(let pairs) = entry.content else { return nil }
    return pairs.compactMap { pair in
      guard entries.indices.contains(pair.key), entries.indices.contains(pair.value) else {
        return nil
      }
      return (
        YAMLNode(entries: entries, entry: entries[pair.key]),
        YAMLNode(entries: entries, entry: entries[pair.value])
      )
    }
  }

  /// libyaml lets a key stand twice in a mapping; YAML does not.
  private func checkKeys() throws(YAMLError) {
    var seen: [String: YAMLNode] = [:]
    for (key, _) in mapping ?? [] {
      guard let name = key.scalar else { continue }
      if let first = seen.updateValue(key, forKey: name) {
        throw YAMLError(first.line, first.column, "\(name) is given twice in this mapping")
      }
    }
  }
}

/// Text that is not YAML, or not what is read here as such.
package struct YAMLError: Error {
  /// From 1.
  package var line: Int
  /// From 1, in Unicode scalars.
  package var column: Int
  package var problem: String

  init(_ line: Int, _ column: Int, _ problem: String) {
    self.line = line
    self.column = column
    self.problem = problem
  }
}

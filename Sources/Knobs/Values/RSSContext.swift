/// An RSS context: a table of its own and how packets are hashed for it, "1 equal 2 key 6d:5a
/// function toeplitz". Flow rules send packets to those beside the main one.
///
/// A part that is nil is not told by the device, or, where it is wanted, left as it is.
package struct RSSContext: Hashable, Sendable {
  /// 0 for the main one; nil for one that is to be made: the kernel chooses its number.
  package var number: UInt32?
  package var table: IndirectionTable?
  package var key: HashKey?
  package var function: HashFunction?
  package var transform: InputTransform?
  /// Flow types that are not named stay.
  package var fields: FlowHash

  package init(
    number: UInt32? = nil, table: IndirectionTable? = nil, key: HashKey? = nil,
    function: HashFunction? = nil, transform: InputTransform? = nil, fields: FlowHash = FlowHash()
  ) {
    self.number = number
    self.table = table
    self.key = key
    self.function = function
    self.transform = transform
    self.fields = fields
  }

  /// As it will be told, once it is `other`'s successor.
  func filled(from other: RSSContext) -> RSSContext {
    var whole = self
    whole.table = table ?? other.table
    whole.key = key ?? other.key
    whole.function = function ?? other.function
    whole.transform = transform ?? other.transform
    // No transform is not told.
    if whole.transform == [] { whole.transform = nil }
    whole.fields = other.fields.merging(fields)
    return whole
  }

  /// Whether a context that exists is as this one wants it.
  package func accepts(_ present: RSSContext) -> Bool {
    var wanted = filled(from: present)
    wanted.number = present.number
    return wanted == present
  }

  /// What has to be set for `present` to become this; nil where it is so already.
  package func change(from present: RSSContext) -> RSSContext? {
    let wanted = filled(from: present)
    var change = RSSContext()
    if wanted.table != present.table { change.table = wanted.table }
    if wanted.key != present.key { change.key = wanted.key }
    if wanted.function != present.function { change.function = wanted.function }
    if wanted.transform != present.transform { change.transform = wanted.transform ?? [] }
    if wanted.fields != present.fields { change.fields = wanted.fields }
    return change == RSSContext() ? nil : change
  }
}

/// A context that is spelled wrongly.
package struct RSSContextError: Error, Hashable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

// MARK: - Text

extension RSSContext: CustomStringConvertible {
  private static let keywords: Set<Substring> = ["key", "function", "transform", "fields"]

  package var description: String {
    var words = [name]
    if let table { words.append(table.description) }
    if let key { words += ["key", key.description] }
    if let function { words += ["function", function.description] }
    if let transform { words += ["transform", transform.description] }
    if !fields.isEmpty { words += ["fields", fields.description] }
    return words.joined(separator: " ")
  }

  /// Its number, or "new".
  package var name: String { number.map(String.init) ?? "new" }

  init(_ text: Substring) throws(RSSContextError) {
    var words = text.split(separator: " ")[...]
    guard let first = words.popFirst() else { throw RSSContextError("a context is empty") }
    guard let number = first == "new" ? .some(nil) : UInt32(first).map(Optional.some), number != 0
    else { throw RSSContextError("a context begins with its number, or new, not \"\(first)\"") }
    self.init(number: number)
    func take() -> String? {
      let part = words.prefix { !Self.keywords.contains($0) }
      words = words.dropFirst(part.count)
      return part.isEmpty ? nil : part.joined(separator: " ")
    }
    if let text = take() {
      guard let table = IndirectionTable(text), !table.isDriver else {
        throw RSSContextError("\"\(text)\" is not a table")
      }
      self.table = table
    }
    while let keyword = words.popFirst() {
      guard let text = take() else { throw RSSContextError("\(keyword) has no value") }
      func value<Value>(_ value: Value?, _ problem: String) throws(RSSContextError) -> Value {
        guard let value else { throw RSSContextError("\"\(text)\" \(problem)") }
        return value
      }
      switch keyword {
      case "key": key = try value(HashKey(text), "is not a key")
      case "function": function = try value(HashFunction(text), "is not a hash function")
      case "transform": transform = try value(InputTransform(text), "is not a transform")
      default: fields = try value(FlowHash(text), "names no fields of flow types")
      }
    }
  }
}

import Foundation

/// A JSON document as one value a path, so that two of them compare field by field:
/// `stages.ring.rings.rx.value` → `256`. A list of scalars is one value, `0,1,2`; an object in a
/// list goes by its `queue`, `cpu` or `name`, or else by its place. A null is no value.
struct JSONFields {
  private(set) var values: [String: String] = [:]

  init(_ text: String) throws {
    add(try JSONDecoder().decode(JSON.self, from: Data(text.utf8)), at: "")
  }

  subscript(path: String) -> String? { values[path] }

  /// The values whose paths begin with `prefix` and a dot, by the rest of their paths.
  func below(_ prefix: String) -> [String: String] {
    let start = prefix + "."
    return Dictionary(
      uniqueKeysWithValues: values.filter { $0.key.hasPrefix(start) }
        .map { (String($0.key.dropFirst(start.count)), $0.value) })
  }

  private mutating func add(_ value: JSON, at path: String) {
    func below(_ name: String) -> String { path.isEmpty ? name : path + "." + name }
    switch value {
    case .null: break
    case .scalar(let text): values[path] = text
    case .object(let members): for (name, member) in members { add(member, at: below(name)) }
    case .list(let members):
      let scalars = members.compactMap(\.scalar)
      if scalars.count == members.count {
        values[path] = scalars.joined(separator: ",")
      } else {
        for (index, member) in members.enumerated() {
          add(member, at: below(member.name ?? String(index)))
        }
      }
    }
  }
}

private enum JSON: Decodable {
  case null
  case scalar(String)
  case list([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else if let object = try? value.decode([String: JSON].self) {
      self = .object(object)
    } else if let text = try? value.decode(String.self) {
      self = .scalar(text)
    } else if let flag = try? value.decode(Bool.self) {
      self = .scalar(String(flag))
    } else if let number = try? value.decode(UInt64.self) {
      self = .scalar(String(number))
    } else {
      self = .scalar(String(try value.decode(Double.self)))
    }
  }

  var scalar: String? {
    if case .scalar(let text) = self { text } else { nil }
  }

  /// What tells an object of a list from its neighbours.
  var name: String? {
    guard case .object(let members) = self else { return nil }
    return ["queue", "cpu", "name"].lazy.compactMap { members[$0]?.scalar }.first
  }
}

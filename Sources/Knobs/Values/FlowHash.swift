/// The fields that a device hashes, for each type of flow that it tells them of:
/// "tcp4:sdfn udp4:sd".
package struct FlowHash: Hashable, Sendable, CustomStringConvertible {
  /// By type; each once.
  private var rows: [Row] = []

  private struct Row: Hashable {
    var type: FlowType
    var fields: HashFields
  }

  package init() {}

  package var isEmpty: Bool { rows.isEmpty }

  /// Ascending by type.
  package var all: [(type: FlowType, fields: HashFields)] { rows.map { ($0.type, $0.fields) } }

  /// nil where the device does not tell it; setting nil changes nothing.
  package subscript(_ type: FlowType) -> HashFields? {
    get { rows.first { $0.type == type }?.fields }
    set {
      guard let fields = newValue else { return }
      let index = rows.firstIndex { $0.type.rawValue >= type.rawValue } ?? rows.count
      if index < rows.count, rows[index].type == type {
        rows[index].fields = fields
      } else {
        rows.insert(Row(type: type, fields: fields), at: index)
      }
    }
  }

  /// With those of `other`: flow types that it does not name stay as they are.
  package func merging(_ other: FlowHash) -> FlowHash {
    var merged = self
    for row in other.rows { merged[row.type] = row.fields }
    return merged
  }

  /// Without fields that have no letter, and cannot be written down.
  package var spelled: FlowHash {
    var spelled = self
    for index in rows.indices { spelled.rows[index].fields.formIntersection(.spelled) }
    return spelled
  }

  package var description: String {
    rows.map { "\($0.type.name):\($0.fields.description)" }.joined(separator: " ")
  }

  /// nil where a word is no type with its fields, or there is none.
  package init?(_ text: some StringProtocol) {
    for word in text.split(separator: " ") {
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let type = FlowType.allCases.first(where: { $0.name == parts[0] }),
        let fields = HashFields(parts[1])
      else { return nil }
      self[type] = fields
    }
    if isEmpty { return nil }
  }
}

extension FlowHash: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (FlowType, HashFields)...) {
    for (type, fields) in elements { self[type] = fields }
  }
}

import Netlink

/// What a message's reply may hold, used here or not. The kernel appends and never renumbers, so the
/// last attribute known tells all that are.
struct KnownAttributes: Sendable {
  fileprivate struct Nest: Sendable {
    var type: UInt16
    var known: KnownAttributes
  }
  fileprivate var last: UInt16
  fileprivate var nests: [Nest]

  init(upTo last: UInt16, nests: [(UInt16, KnownAttributes)] = []) {
    self.last = last
    self.nests = nests.map { Nest(type: $0, known: $1) }
  }
}

/// What this kernel tells and rxtune does not know, for a bug report: attributes as "ethtool rings-get
/// 19" ("ethtool rss-get 8/28" in a nest), operations as "ethtool 52". Each is listed once.
package struct UnknownAttributes: Hashable, Sendable {
  package private(set) var attributes: [String] = []
  package private(set) var operations: [String] = []

  /// A guard against a capture that was made up.
  private static let limit = 100

  mutating func note(_ message: String, _ reply: Attributes, _ known: KnownAttributes) {
    note("\(message) ", in: reply, known)
  }

  private mutating func note(_ path: String, in list: Attributes, _ known: KnownAttributes) {
    for attribute in list {
      if attribute.type > known.last {
        Self.add("\(path)\(attribute.type)", to: &attributes)
      } else if let nest = known.nests.first(where: { $0.type == attribute.type }),
        let inner = try? attribute.nested()
      {
        note("\(path)\(attribute.type)/", in: inner, nest.known)
      }
    }
  }

  mutating func note(_ family: GenericFamily, known: (UInt8) -> Bool) {
    for operation in family.operations where !known(operation) {
      Self.add("\(family.name) \(operation)", to: &operations)
    }
  }

  private static func add(_ name: String, to list: inout [String]) {
    if list.count < limit, !list.contains(name) { list.append(name) }
  }
}

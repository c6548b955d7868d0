package import Notation

/// Who printed a document, where and when, and which form it has: every one begins with it.
package struct Envelope: Sendable {
  /// Raised when a key changes its meaning or goes; new keys do not raise it.
  static let schemaVersion = 2

  private let version: String
  private let commit: String?
  private let host: String
  private let time: TimeStamp

  /// - Parameters:
  ///   - commit: that rxtune was built from; nil where it is not known.
  ///   - host: what the machine calls itself (uname -n).
  package init(version: String, commit: String?, host: String, time: TimeStamp) {
    (self.version, self.commit, self.host, self.time) = (version, commit, host, time)
  }

  static let shape = Record<Envelope>([
    Field("version", "Version of rxtune.", .string) { $0.version },
    Field(optional: "commit", "Commit that it was built from, where known.", .string) { $0.commit },
    Field("schema", "Version of the schema.", .integer) { _ in schemaVersion },
    Field("host", "Name of the host that rxtune ran on.", .string) { $0.host },
    Field("time", "When the document was printed.", .string) { $0.time.description },
  ]).shape

  private static let (key, errorKey) = ("rxtune", "error")

  /// A document's object with this in front, and behind it what stopped the command.
  package func around(_ document: JSON, error: Problem? = nil) -> JSON {
    guard case .object(let members) = document else { return document }
    var all = [JSON.Member(key: Self.key, value: Self.shape.encode(self))]
    all.reserveCapacity(members.count + 2)
    if let error { all.append(JSON.Member(key: Self.errorKey, value: Problem.shape.encode(error))) }
    return .object(all + members)
  }

  /// The schema of such a document.
  ///
  /// - Parameter isError: the document is there because something stopped the command.
  static func schema(around document: JSON, isError: Bool = false) -> JSON {
    guard case .object(let members) = document else { return document }
    return .object(
      members.map { member in
        switch (member.key, member.value) {
        case ("properties", .object(let properties)):
          JSON.Member(
            key: member.key,
            value: .object(
              [
                JSON.Member(key: key, value: reference("envelope")),
                JSON.Member(key: errorKey, value: reference("problem")),
              ] + properties))
        case ("required", .array(let keys)):
          JSON.Member(
            key: member.key,
            value: .array([.string(key)] + (isError ? [.string(errorKey)] : []) + keys))
        default: member
        }
      })
  }

  private static func reference(_ name: String) -> JSON {
    .object(["$ref": .string("#/$defs/\(name)")])
  }
}

/// A generic netlink family as the kernel has it now: numbers are handed out at boot, so they
/// are asked for by name (linux/genetlink.h, CTRL_CMD_GETFAMILY).
package struct GenericFamily: Hashable, Sendable {
  package var name: String
  /// The message type that requests carry.
  package var id: UInt16
  package var version: UInt8
  /// Commands that the kernel knows, by number: what is not here is not supported.
  package var operations: [UInt8]
  private var groups: [Group]

  private struct Group: Hashable, Sendable {
    var name: String
    var id: UInt32
  }

  private enum Key: UInt16 {
    case id = 1
    case name = 2
    case version = 3
    case operations = 6
    case groups = 7
  }
  private enum OperationKey: UInt16 { case id = 1 }
  private enum GroupKey: UInt16 {
    case name = 1
    case id = 2
  }

  /// GENL_ID_CTRL, the one number that is fixed.
  package static let controllerID: UInt16 = 16
  private static let getFamily: UInt8 = 3

  package init(
    name: String, id: UInt16, version: UInt8 = 1, operations: [UInt8],
    groups: KeyValuePairs<String, UInt32> = [:]
  ) {
    self.name = name
    self.id = id
    self.version = version
    self.operations = operations
    self.groups = groups.map { Group(name: $0, id: $1) }
  }

  package init(reply: NetlinkMessage) throws(DecodeError) {
    let attributes = try reply.attributes(after: GenericHeader.size, "generic family")
    name = try attributes.required(Key.name).string()
    id = try attributes.required(Key.id).u16()
    // The kernel widened the version to u32 in the message while a family's header keeps u8.
    version = try UInt8(clamping: attributes[Key.version]?.u32() ?? 1)
    operations = []
    if let nest = try attributes[Key.operations]?.nested() {
      for operation in nest {
        if let id = try operation.nested()[OperationKey.id]?.u32() {
          operations.append(UInt8(clamping: id))
        }
      }
    }
    groups = []
    if let nest = try attributes[Key.groups]?.nested() {
      for group in nest {
        let fields = try group.nested()
        let name = try fields.required(GroupKey.name).string()
        groups.append(Group(name: name, id: try fields.required(GroupKey.id).u32()))
      }
    }
  }

  /// The number of a multicast group.
  package func group(_ name: String) -> UInt32? { groups.first { $0.name == name }?.id }

  /// The question that `init(reply:)` reads the answer of.
  package static func request(named name: String) -> NetlinkRequest {
    var writer = AttributeWriter(header: GenericHeader(command: getFamily).bytes)
    writer.put(Key.name.rawValue, name)
    return NetlinkRequest(
      .generic, type: controllerID, payload: writer.bytes, subject: "family \(name)")
  }

  /// A request of this family.
  package func request(
    command: UInt8, flags: NetlinkRequest.Flags = [], subject: String,
    _ fill: (inout AttributeWriter) -> Void = { _ in }
  ) -> NetlinkRequest {
    var writer = AttributeWriter(header: GenericHeader(command: command, version: version).bytes)
    fill(&writer)
    return NetlinkRequest(
      .generic, type: id, flags: flags, payload: writer.bytes, subject: "\(name) \(subject)")
  }
}

/// `struct genlmsghdr`.
package struct GenericHeader {
  package static let size = 4
  package var command: UInt8
  package var version: UInt8 = 1

  package init(command: UInt8, version: UInt8 = 1) {
    self.command = command
    self.version = version
  }

  var bytes: [UInt8] { [command, version, 0, 0] }
}

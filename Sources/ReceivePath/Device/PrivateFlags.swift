package import KernelIO
import Netlink

/// Switches that only one driver has: ETHTOOL_MSG_PRIVFLAGS_GET (ethtool --show-priv-flags).
///
/// Spelled as a list, those that are off behind a "-": "legacy-rx,-vf-ipsec".
package struct PrivateFlags: Hashable, Sendable {
  struct Flag: Hashable, Sendable {
    var name: String
    var isOn: Bool
  }
  var flags: [Flag]

  static let flagsAttribute: UInt16 = 2

  init(_ reply: Attributes) throws(DecodeError) {
    guard let attribute = reply[Self.flagsAttribute] else {
      flags = []
      return
    }
    flags = try Bitset(attribute).bits.map { Flag(name: $0.name, isOn: $0.value) }
  }

  package init?(_ text: String) {
    flags = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let name = word.hasPrefix("-") ? word.dropFirst() : word
      guard !name.isEmpty, !name.contains(where: \.isWhitespace) else { return nil }
      flags.append(Flag(name: String(name), isOn: !word.hasPrefix("-")))
    }
  }

  /// Whether the flag is on; nil where the driver has none of that name.
  package subscript(_ name: String) -> Bool? { flags.first { $0.name == name }?.isOn }

  /// Those of `changes` as they are there; the others stay.
  package func changed(by changes: PrivateFlags) -> PrivateFlags {
    var result = self
    for change in changes.flags {
      if let index = flags.firstIndex(where: { $0.name == change.name }) {
        result.flags[index] = change
      }
    }
    return result
  }

  package var description: String {
    flags.map { ($0.isOn ? "" : "-") + $0.name }.joined(separator: ",")
  }
}

extension Host {
  package func privateFlags(_ device: String) throws(KernelError) -> PrivateFlags {
    let reply = try ethtool(.privateFlagsGet, device)
    return try decoding("private-flags \(device)") { () throws(DecodeError) in
      try PrivateFlags(reply)
    }
  }

  /// Sets the flags that are named; the others stay.
  func setPrivateFlags(_ device: String, _ flags: PrivateFlags) throws(KernelError) {
    try ethtoolSet(.privateFlagsSet, device) { writer in
      Bitset.put(
        PrivateFlags.flagsAttribute, changes: flags.flags.map { ($0.name, $0.isOn) }, into: &writer)
    }
  }
}

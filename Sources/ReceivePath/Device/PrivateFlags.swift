package import KernelIO
package import Knobs
import Netlink

/// ETHTOOL_MSG_PRIVFLAGS_GET (ethtool --show-priv-flags); before it (5.7), ETHTOOL_GPFLAGS.
extension PrivateFlags {
  static let flagsAttribute: UInt16 = 2

  init(_ reply: Attributes) throws(DecodeError) {
    guard let attribute = reply[Self.flagsAttribute] else {
      self.init([])
      return
    }
    self.init(try Bitset(attribute).bits.map { Flag(name: $0.name, isOn: $0.value) })
  }

  /// - Parameter word: of `struct ethtool_value`; a bit a name.
  fileprivate init(_ names: [String], _ word: UInt32) {
    self.init(
      names.prefix(32).enumerated().filter { !$1.isEmpty }
        .map { Flag(name: $1, isOn: word & 1 << UInt32($0) != 0) })
  }
}

extension Host {
  package func privateFlags(_ device: String) throws(KernelError) -> PrivateFlags {
    guard hasEthtool(.privateFlagsGet) else {
      return PrivateFlags(try strings(device, .privateFlags), try privateFlagsWord(device))
    }
    let reply = try ethtool(.privateFlagsGet, device)
    return try decoding("privflags \(device)") { () throws(DecodeError) in
      try PrivateFlags(reply)
    }
  }

  /// Sets the flags that are named; the others stay.
  func setPrivateFlags(_ device: String, _ flags: PrivateFlags) throws(KernelError) {
    guard hasEthtool(.privateFlagsSet) else {
      return try setPrivateFlagsByIoctl(device, flags)
    }
    try ethtoolSet(.privateFlagsSet, device) { writer in
      Bitset.put(
        PrivateFlags.flagsAttribute, changes: flags.flags.map { ($0.name, $0.isOn) }, into: &writer)
    }
  }

  /// `struct ethtool_value` {cmd, data}.
  private func privateFlagsWord(_ device: String) throws(KernelError) -> UInt32 {
    var reply = try ethtoolIoctl(device, EthtoolStructure(command: 0x27, size: 8), "GPFLAGS")
    return try decoding("GPFLAGS \(device)") { () throws(DecodeError) in
      try reply.skip(4, "cmd")
      return try reply.integer("data")
    }
  }

  private func setPrivateFlagsByIoctl(
    _ device: String, _ flags: PrivateFlags
  ) throws(KernelError) {
    let names = try strings(device, .privateFlags)
    var word = try privateFlagsWord(device)
    for flag in flags.flags {
      guard let bit = names.firstIndex(of: flag.name), bit < 32 else {
        throw KernelError("SIOCETHTOOL", "SPFLAGS \(device) \(flag.name)", .notSupported)
      }
      if flag.isOn { word |= 1 << UInt32(bit) } else { word &= ~(1 << UInt32(bit)) }
    }
    var structure = EthtoolStructure(command: 0x28, size: 8)
    structure.put(word, at: 4)
    _ = try ethtoolIoctl(device, structure, "SPFLAGS")
  }
}

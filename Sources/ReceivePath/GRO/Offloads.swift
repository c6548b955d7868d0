package import KernelIO
package import Netlink

/// Offloads of a device: ETHTOOL_MSG_FEATURES_GET (ethtool -k).
package struct Offloads: Hashable, Sendable {
  package struct Feature: Hashable, Sendable {
    /// The kernel's name: "rx-gro".
    package var name: String
    package var isActive: Bool
    package var isWanted: Bool
    /// False where the driver offers no switch ("[fixed]" in ethtool -k).
    package var isChangeable: Bool
  }
  package var features: [Feature]

  package subscript(_ name: String) -> Feature? { features.first { $0.name == name } }

  enum Key: UInt16 {
    case hardware = 2
    case wanted = 3
    case active = 4
    case noChange = 5
  }

  /// The reply carries four lists of bits: what can be changed, is wanted, is on, and never
  /// changes. Only the first names every bit, so the names come from all of them together.
  package init(_ reply: Attributes) throws(DecodeError) {
    func bits(_ key: Key) throws(DecodeError) -> [Bitset.Bit] {
      guard let attribute = reply[key] else { return [] }
      return try Bitset(attribute).bits
    }
    let (hardware, wanted, active, fixed) = (
      try bits(.hardware), try bits(.wanted), try bits(.active), try bits(.noChange)
    )
    func indices(_ bits: [Bitset.Bit]) -> [UInt32] { bits.filter(\.value).map(\.index) }
    let (changeable, never) = (indices(hardware), indices(fixed))
    let (isWanted, isActive) = (indices(wanted), indices(active))
    features = []
    var last: UInt32?
    let named = (hardware + wanted + active + fixed).filter { !$0.name.isEmpty }
    for bit in named.sorted(by: { $0.index < $1.index }) where bit.index != last {
      last = bit.index
      features.append(
        Feature(
          name: bit.name, isActive: isActive.contains(bit.index),
          isWanted: isWanted.contains(bit.index),
          isChangeable: changeable.contains(bit.index) && !never.contains(bit.index)))
    }
  }
}

extension Host {
  package func offloads(_ device: String) throws(KernelError) -> Offloads {
    let reply = try ethtool(.featuresGet, device)
    return try decoding("features \(device)") { () throws(DecodeError) in try Offloads(reply) }
  }
}

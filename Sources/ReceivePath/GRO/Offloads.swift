package import KernelIO
package import Netlink

/// Offloads of a device: ETHTOOL_MSG_FEATURES_GET (ethtool -k); before it (5.8), ETHTOOL_GFEATURES.
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

// MARK: - The ioctl

extension Offloads {
  static let getCommand: UInt32 = 0x3a
  static let setCommand: UInt32 = 0x3b
  static let headerSize = 8

  /// Blocks of 32 bits that hold so many features.
  static func blocks(_ count: Int) -> Int { (count + 31) / 32 }

  /// - Parameter reader: `struct ethtool_gfeatures` {cmd, size, features[]}, a block of which is
  ///   {available, requested, active, never_changed}.
  init(_ names: [String], ioctl reader: consuming ByteReader) throws(DecodeError) {
    try reader.skip(4, "cmd")
    let told: UInt32 = try reader.integer("size")
    features = []
    for block in 0..<min(Int(told), Self.blocks(names.count)) {
      let available: UInt32 = try reader.integer("available")
      let requested: UInt32 = try reader.integer("requested")
      let active: UInt32 = try reader.integer("active")
      let fixed: UInt32 = try reader.integer("never_changed")
      for (bit, name) in names.dropFirst(block * 32).prefix(32).enumerated() where !name.isEmpty {
        let bit = UInt32(1) << UInt32(bit)
        features.append(
          Feature(
            name: name, isActive: active & bit != 0, isWanted: requested & bit != 0,
            isChangeable: available & bit != 0 && fixed & bit == 0))
      }
    }
  }
}

extension Host {
  package func offloads(_ device: String) throws(KernelError) -> Offloads {
    guard hasEthtool(.featuresGet) else {
      return try offloadsByIoctl(device, try strings(device, .features))
    }
    let reply = try ethtool(.featuresGet, device)
    return try decoding("features \(device)") { () throws(DecodeError) in try Offloads(reply) }
  }

  func offloadsByIoctl(_ device: String, _ names: [String]) throws(KernelError) -> Offloads {
    let blocks = Offloads.blocks(names.count)
    var structure = EthtoolStructure(
      command: Offloads.getCommand, size: Offloads.headerSize + blocks * 16)
    structure.put(UInt32(blocks), at: 4)
    let reply = try ethtoolIoctl(device, structure, "GFEATURES")
    return try decoding("GFEATURES \(device)") { () throws(DecodeError) in
      try Offloads(names, ioctl: reply)
    }
  }
}

package import KernelIO
import Knobs
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

  fileprivate enum Key: UInt16 {
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
  fileprivate static let getCommand: UInt32 = 0x3a
  fileprivate static let setCommand: UInt32 = 0x3b
  fileprivate static let headerSize = 8

  /// Blocks of 32 bits that hold so many features.
  fileprivate static func blocks(_ count: Int) -> Int { (count + 31) / 32 }

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

  private func offloadsByIoctl(_ device: String, _ names: [String]) throws(KernelError) -> Offloads
  {
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

// MARK: - Set

/// A feature that is to be on or off.
package struct FeatureChange: Hashable, Sendable {
  package var name: String
  package var isOn: Bool
  /// Whether it does to have asked: the kernel sets it once it can, as of a feature that `isWaiting`.
  package var mayWait = false

  package init(_ name: String, isOn: Bool, mayWait: Bool = false) {
    (self.name, self.isOn, self.mayWait) = (name, isOn, mayWait)
  }
}

extension FeatureChange {
  /// The change that a knob's value asks for; nil where it is none of a feature's.
  init?(_ name: String, _ value: KnobValue) {
    switch value {
    case .flag(let isOn): self.init(name, isOn: isOn)
    case .requested(let isOn): self.init(name, isOn: isOn, mayWait: true)
    default: return nil
    }
  }
}

extension Offloads.Feature {
  /// Whether it was asked for and is not so: the kernel sets it as soon as nothing stands in its
  /// way.
  var isWaiting: Bool { isChangeable && isWanted != isActive }
}

extension Host {
  /// Sets features (ethtool -K): all of them, or none.
  ///
  /// The kernel acknowledges a request of which it refused bits, and goes on wanting these: it would
  /// set them some day. So they are asked for again as they were before.
  ///
  /// - Throws: EOPNOTSUPP with the features that were refused.
  package func setFeatures(
    _ device: String, _ changes: [FeatureChange]
  ) throws(KernelError) {
    let before = try offloads(device)
    let refused = Set(try requestFeatures(device, changes))
    let ours = changes.filter { !$0.mayWait && refused.contains($0.name) }.map(\.name)
    guard !ours.isEmpty else { return }
    let wishes = changes.compactMap { change in
      before[change.name].map { FeatureChange($0.name, isOn: $0.isWanted) }
    }
    _ = try? requestFeatures(device, wishes)
    throw KernelError(
      hasEthtool(.featuresSet) ? "netlink" : "SIOCETHTOOL", "ethtool features-set \(device)",
      .errno(.notSupported),
      extendedAck: ExtendedAck(
        message: "acknowledged, and refused: \(ours.joined(separator: ", "))"))
  }

  /// ETHTOOL_MSG_FEATURES_SET; before it (5.8), ETHTOOL_SFEATURES.
  ///
  /// - Returns: the features that the kernel wants now and could not set, from its reply's WANTED
  ///   mask.
  private func requestFeatures(
    _ device: String, _ changes: [FeatureChange]
  ) throws(KernelError) -> [String] {
    guard hasEthtool(.featuresSet) else { return try requestByIoctl(device, changes) }
    let replies = try ethtoolSet(.featuresSet, device) { writer in
      Bitset.put(
        Offloads.Key.wanted.rawValue, changes: changes.map { ($0.name, $0.isOn) }, into: &writer)
    }
    let subject = "ethtool features-set \(device)"
    return try decoding(subject) { () throws(DecodeError) -> [String] in
      var names: [String] = []
      for reply in replies {
        let fields = try reply.attributes(after: GenericHeader.size, subject)
        if let wanted = fields[Offloads.Key.wanted] {
          names += try Bitset(wanted).bits.map(\.name)
        }
      }
      return names
    }
  }

  /// `struct ethtool_sfeatures` {cmd, size, features[]}, a block of which is {valid, requested}.
  ///
  /// - Returns: those of `changes` that are not so afterwards.
  private func requestByIoctl(
    _ device: String, _ changes: [FeatureChange]
  ) throws(KernelError) -> [String] {
    let names = try strings(device, .features)
    let blocks = Offloads.blocks(names.count)
    var words = [UInt32](repeating: 0, count: blocks * 2)
    for change in changes {
      guard let bit = names.firstIndex(of: change.name), !change.name.isEmpty else {
        throw KernelError("SIOCETHTOOL", "SFEATURES \(device) \(change.name)", .notSupported)
      }
      words[bit / 32 * 2] |= 1 << UInt32(bit % 32)
      if change.isOn { words[bit / 32 * 2 + 1] |= 1 << UInt32(bit % 32) }
    }
    var structure = EthtoolStructure(
      command: Offloads.setCommand, size: Offloads.headerSize + blocks * 8)
    structure.put(UInt32(blocks), at: 4)
    for (index, word) in words.enumerated() {
      structure.put(word, at: Offloads.headerSize + index * 4)
    }
    _ = try ethtoolIoctl(device, structure, "SFEATURES")
    let found = try offloadsByIoctl(device, names)
    return changes.filter { found[$0.name]?.isActive != $0.isOn }.map(\.name)
  }
}

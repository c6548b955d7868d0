package import KernelIO
import Knobs
import Netlink

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

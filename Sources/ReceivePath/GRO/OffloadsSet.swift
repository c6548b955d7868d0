package import KernelIO
import Knobs
import Netlink

/// A feature that is to be on or off.
package struct FeatureChange: Hashable, Sendable {
  package var name: String
  package var isOn: Bool
  /// Whether it does to have asked: the kernel sets it once it can, as after `Offloads.Request`.
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
    case .text(let text):
      guard let request = Offloads.Request(text) else { return nil }
      self.init(name, isOn: request.isWanted, mayWait: true)
    default: return nil
    }
  }
}

extension Offloads {
  /// A feature that was asked for and is not so, as ethtool -k prints it: "off [requested on]". The
  /// kernel sets it as soon as nothing stands in its way.
  struct Request: Hashable {
    var isWanted: Bool

    init(isWanted: Bool) { self.isWanted = isWanted }

    init?(_ text: String) {
      switch text {
      case Request(isWanted: true).text: isWanted = true
      case Request(isWanted: false).text: isWanted = false
      default: return nil
      }
    }

    var text: String { isWanted ? "off [requested on]" : "on [requested off]" }
  }
}

extension Offloads.Feature {
  /// nil where it is as it was asked for, or the driver has it fixed.
  var request: Offloads.Request? {
    isChangeable && isWanted != isActive ? Offloads.Request(isWanted: isWanted) : nil
  }
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
      "netlink", "ethtool features-set \(device)", .errno(.notSupported),
      extendedAck: ExtendedAck(
        message: "acknowledged, and refused: \(ours.joined(separator: ", "))"))
  }

  /// ETHTOOL_MSG_FEATURES_SET.
  ///
  /// - Returns: the features that the kernel wants now and could not set, from its reply's WANTED
  ///   mask.
  private func requestFeatures(
    _ device: String, _ changes: [FeatureChange]
  ) throws(KernelError) -> [String] {
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
}

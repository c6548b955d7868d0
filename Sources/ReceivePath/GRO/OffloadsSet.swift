package import KernelIO
import Netlink

extension Host {
  /// ETHTOOL_MSG_FEATURES_SET (ethtool -K).
  ///
  /// The kernel acknowledges a request of which it refused bits, and lists these in its reply's
  /// WANTED mask: here that is an error.
  package func setFeatures(
    _ device: String, _ changes: [(name: String, isOn: Bool)]
  ) throws(KernelError) {
    let replies = try ethtoolSet(.featuresSet, device) { writer in
      Bitset.put(3, changes: changes.map { ($0.name, $0.isOn) }, into: &writer)
    }
    let subject = "ethtool features-set \(device)"
    let refused = try decoding(subject) { () throws(DecodeError) -> Set<String> in
      var names: Set<String> = []
      for reply in replies {
        let fields = try reply.attributes(after: 4, subject)
        if let wanted = fields[3] { names.formUnion(try Bitset(wanted).bits.map(\.name)) }
      }
      return names
    }
    let ours = changes.map(\.name).filter(refused.contains)
    guard ours.isEmpty else {
      throw KernelError(
        "netlink", subject, .errno(.notSupported),
        extendedAck: ExtendedAck(
          message: "acknowledged, and refused: \(ours.joined(separator: ", "))"))
    }
  }
}

import Netlink
import TestSupport

extension FuzzTarget {
  /// The netlink codec: attributes, bitsets, families, extended acknowledgements.
  static let netlink = FuzzTarget(
    name: "netlink", seeds: { NetlinkSamples.all },
    run: { bytes in
      for error in NetlinkSamples.refusals(of: bytes) {
        precondition(
          (0...bytes.count).contains(error.offset), "an error beyond the bytes: \(error)")
      }
    })
}

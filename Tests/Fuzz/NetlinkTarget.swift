import TestSupport

extension FuzzTarget {
  /// The netlink codec: attributes, bitsets, families, extended acknowledgements.
  static let netlink = FuzzTarget(
    name: "netlink", seeds: { NetlinkSamples.all }, run: NetlinkSamples.decodeAll)
}

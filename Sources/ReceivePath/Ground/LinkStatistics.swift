package import Netlink

/// A device's counters since it was made (`struct rtnl_link_stats64`,
/// Documentation/networking/statistics.rst). /proc/net/dev merges some of them; these are apart.
package struct LinkStatistics: Codable, Hashable, Sendable {
  package var rxPackets: UInt64
  package var txPackets: UInt64
  package var rxBytes: UInt64
  package var txBytes: UInt64
  package var rxErrors: UInt64
  package var txErrors: UInt64
  /// Dropped by the host before a protocol saw them: no memory, a full queue behind the driver.
  package var rxDropped: UInt64
  package var txDropped: UInt64
  package var rxOverErrors: UInt64
  package var rxCRCErrors: UInt64
  package var rxFIFOErrors: UInt64
  /// The ring was full: the device had no descriptor to receive into.
  package var rxMissedErrors: UInt64
  /// No protocol wanted the packet (since 4.6).
  package var rxNoHandler: UInt64?
  /// Addressed to another host, and seen all the same: promiscuous mode, or a switch that floods
  /// (since 5.19).
  package var rxOtherhostDropped: UInt64?

  package init(decoding attribute: Attribute) throws(DecodeError) {
    var reader = ByteReader(attribute.payload, attribute.path)
    rxPackets = try reader.integer("rx_packets")
    txPackets = try reader.integer("tx_packets")
    rxBytes = try reader.integer("rx_bytes")
    txBytes = try reader.integer("tx_bytes")
    rxErrors = try reader.integer("rx_errors")
    txErrors = try reader.integer("tx_errors")
    rxDropped = try reader.integer("rx_dropped")
    txDropped = try reader.integer("tx_dropped")
    try reader.skip(3 * 8, "multicast to rx_length_errors")
    rxOverErrors = try reader.integer("rx_over_errors")
    rxCRCErrors = try reader.integer("rx_crc_errors")
    try reader.skip(8, "rx_frame_errors")
    rxFIFOErrors = try reader.integer("rx_fifo_errors")
    rxMissedErrors = try reader.integer("rx_missed_errors")
    try reader.skip(7 * 8, "tx_aborted_errors to tx_compressed")
    // The structure only ever grew at its end.
    rxNoHandler = reader.remaining > 0 ? try reader.integer("rx_nohandler") : nil
    rxOtherhostDropped = reader.remaining > 0 ? try reader.integer("rx_otherhost_dropped") : nil
  }
}

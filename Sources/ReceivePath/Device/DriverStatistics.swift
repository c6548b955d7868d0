package import KernelIO
package import Netlink

/// Counters that a driver names as it likes: ETHTOOL_GSTRINGS and GSTATS (ethtool -S).
package struct DriverStatistics: Hashable, Sendable {
  package struct Counter: Hashable, Sendable {
    package var name: String
    package var value: UInt64
  }
  package var counters: [Counter]

  static let stringsCommand: UInt32 = 0x1b
  static let statisticsCommand: UInt32 = 0x1d
  static let statisticsSet: UInt32 = 1
  static let nameSize = 32
  /// Above any driver's: a guard against a hostile count.
  static let limit: UInt32 = 1 << 16
}

extension DriverStatistics {
  /// - Parameters:
  ///   - names: `struct ethtool_gstrings` {cmd, string_set, len, data[]}.
  ///   - values: `struct ethtool_stats` {cmd, n_stats, data[]}.
  package init(names: consuming ByteReader, values: consuming ByteReader) throws(DecodeError) {
    try names.skip(8, "cmd and string_set")
    let named: UInt32 = try names.integer("len")
    try values.skip(4, "cmd")
    let valued: UInt32 = try values.integer("n_stats")
    // The driver may have grown counters between the two calls: only pairs count.
    counters = []
    for _ in 0..<min(named, valued, Self.limit) {
      counters.append(
        Counter(
          name: try names.text(Self.nameSize, "name"), value: try values.integer("counter")))
    }
  }
}

extension DriverStatistics {
  /// Packets that a cloud's network held back or dropped, by the allowance that they exceeded: ena's
  /// bw_in_allowance_exceeded and its like (amazon/ena/ena_ethtool.c).
  package var allowances: [Counter] { counters.filter { $0.name.hasSuffix("_allowance_exceeded") } }
}

extension DriverStatistics {
  /// Packets that a NIC discarded for want of a buffer, as of drivers that count them in rx_dropped
  /// alone, among packets that nobody wants; none of other drivers.
  package func discards(of driver: String) -> [Counter] {
    let names: [String] =
      switch driver {
      case "mlx5_core": ["rx_discards_phy"]  // mellanox/mlx5/core/en_main.c, mlx5e_get_stats
      case "ena": ["rx_drops"]  // amazon/ena/ena_netdev.c, ena_get_stats64
      case "sfc": ["port_rx_nodesc_drops", "rx_nodesc_drop_cnt"]  // sfc/ef10.c; siena
      // intel/i40e/i40e_main.c, before it told them as rx_missed_errors
      case "i40e": ["port.rx_dropped", "port.rx_discards"]
      default: []
      }
    return counters.filter { names.contains($0.name) }
  }
}

extension Host {
  /// - Parameter count: how many counters `DriverInfo.statistics` announced.
  package func driverStatistics(
    _ device: String, count: UInt32
  ) throws(KernelError) -> DriverStatistics {
    let count = min(count, DriverStatistics.limit)
    guard count > 0 else { throw KernelError("SIOCETHTOOL", "GSTATS \(device)", .notSupported) }
    var strings = EthtoolStructure(
      command: DriverStatistics.stringsCommand, size: 12 + Int(count) * DriverStatistics.nameSize)
    strings.put(DriverStatistics.statisticsSet, at: 4)
    strings.put(count, at: 8)
    let names = try ethtoolIoctl(device, strings, "GSTRINGS")
    let numbers = try statisticsReply(device, count)
    return try decoding("GSTATS \(device)") { () throws(DecodeError) in
      try DriverStatistics(names: names, values: numbers)
    }
  }

  /// The values alone, for who has the names already. Another number of them than `count` means
  /// that the driver changed its counters: the names count no more.
  package func driverCounters(
    _ device: String, count: UInt32
  ) throws(KernelError) -> [UInt64] {
    let count = min(count, DriverStatistics.limit)
    guard count > 0 else { throw KernelError("SIOCETHTOOL", "GSTATS \(device)", .notSupported) }
    var reader = try statisticsReply(device, count)
    return try decoding("GSTATS \(device)") { () throws(DecodeError) in
      try reader.skip(4, "cmd")
      let told: UInt32 = try reader.integer("n_stats")
      var values: [UInt64] = []
      values.reserveCapacity(Int(min(told, count)))
      for _ in 0..<min(told, count) { values.append(try reader.integer("counter")) }
      return values
    }
  }

  private func statisticsReply(
    _ device: String, _ count: UInt32
  ) throws(KernelError) -> ByteReader {
    var values = EthtoolStructure(
      command: DriverStatistics.statisticsCommand, size: 8 + Int(count) * 8)
    values.put(count, at: 4)
    return try ethtoolIoctl(device, values, "GSTATS")
  }
}

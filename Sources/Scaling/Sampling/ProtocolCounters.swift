/// Counters of `/proc/net/netstat` and `/proc/net/snmp` by name; those of one network namespace.
///
/// Both files hold pairs of lines, names and values, whose order differs between kernels.
package enum ProtocolCounters {
  /// What a listening server and its clients can lose, and how (networking/snmp_counter.rst).
  package static let names = [
    "ListenOverflows", "ListenDrops", "TCPReqQFullDoCookies", "TCPReqQFullDrop", "SyncookiesSent",
    "TCPBacklogDrop", "TCPMigrateReqSuccess", "TCPMigrateReqFailure", "TCPTimeouts",
    "TCPSynRetrans", "RetransSegs", "TWRecycled", "TCPTimeWaitOverflow", "RcvbufErrors",
    "SndbufErrors", "InErrors",
  ]

  /// Those of `names` that the text has; other protocols have counters of the same names.
  package static func parse(_ text: String) -> [String: UInt64] {
    var counters: [String: UInt64] = [:]
    let lines = text.split(separator: "\n")
    for (names, values) in zip(lines, lines.dropFirst()) {
      let names = names.split(separator: " ")
      let values = values.split(separator: " ")
      guard let protocolName = names.first, values.first == protocolName,
        ["Tcp:", "TcpExt:", "Udp:"].contains(protocolName), values.count == names.count,
        values.count > 1, Int64(values[1]) != nil
      else { continue }
      for (name, value) in zip(names.dropFirst(), values.dropFirst())
      where Self.names.contains(String(name)) {
        if let value = UInt64(value) { counters[String(name)] = value }
      }
    }
    return counters
  }

  /// What each grew by; one that only the later sample has began at 0.
  package static func difference(_ later: [String: UInt64], _ earlier: [String: UInt64])
    -> [String: UInt64]
  {
    later.reduce(into: [:]) { $0[$1.key] = $1.value &- (earlier[$1.key] ?? 0) }
  }
}

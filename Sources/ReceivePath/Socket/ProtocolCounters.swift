package import KernelIO
package import Netlink

/// Counters of the protocols, of this network namespace: /proc/net/snmp, netstat and snmp6
/// (networking/snmp_counter.rst).
///
/// Order and number differ between kernels, so they go by name: group and name in one, as nstat(8)
/// writes them ("TcpExtListenOverflows", "UdpRcvbufErrors", "Udp6RcvbufErrors").
package struct ProtocolCounters: Hashable, Sendable {
  private var values: [String: UInt64] = [:]
  /// nil: all that the kernel has.
  private let wanted: [String]?

  /// - Parameter names: those to read; nil takes all.
  package init(only names: [String]? = nil) { wanted = names }

  /// nil where this kernel has no such counter.
  package subscript(name: String) -> UInt64? { values[name] }

  package var names: [String] { values.keys.sorted() }
  package var isEmpty: Bool { values.isEmpty }
}

// MARK: - Decode

extension ProtocolCounters {
  /// /proc/net/snmp and netstat: pairs of lines, names and then numbers, each behind its group.
  package mutating func add(table bytes: [UInt8], _ context: String) throws(DecodeError) {
    var reader = TextReader(bytes, context)
    while try reader.nextLine() {
      guard let group = reader.text(before: UInt8(ascii: ":")), !group.isEmpty else {
        throw reader.error("a line without its group")
      }
      var names: [String?] = []
      let candidates = wanted?.filter { $0.utf8.starts(with: group) }
      while let name = reader.word() {
        names.append(Self.name(group, name, candidates))
      }
      guard try reader.nextLine(), reader.text(before: UInt8(ascii: ":")) == group else {
        throw reader.error("the numbers of \(group.text) are missing")
      }
      // Another group than is asked for: its line is none of ours.
      if candidates?.isEmpty == true { continue }
      for name in names { try add(name, &reader) }
      guard reader.atEndOfLine() else { throw reader.error("more numbers than names") }
    }
  }

  /// /proc/net/snmp6: a name and a number on each line.
  package mutating func add(list bytes: [UInt8], _ context: String) throws(DecodeError) {
    var reader = TextReader(bytes, context)
    while try reader.nextLine() {
      guard let name = reader.word() else { throw reader.error("a line without a name") }
      try add(Self.name([], name, wanted), &reader)
      guard reader.atEndOfLine() else { throw reader.error("more than one number") }
    }
  }

  /// nil for one that is not among `candidates`; nil there takes all.
  private static func name(
    _ group: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>, _ candidates: [String]?
  ) -> String? {
    guard let candidates else { return group.text + name.text }
    return candidates.first {
      $0.utf8.count == group.count + name.count
        && $0.utf8.dropFirst(group.count).elementsEqual(name)
        && $0.utf8.starts(with: group)
    }
  }

  /// Settings stand among the counters, and one of them is -1 (TcpMaxConn): it is left out.
  ///
  /// - Parameter name: nil skips the number.
  private mutating func add(_ name: String?, _ reader: inout TextReader) throws(DecodeError) {
    reader.skipSpaces()
    guard let name, reader.peek != UInt8(ascii: "-") else {
      guard reader.word() != nil else { throw reader.error("a number is missing") }
      return
    }
    values[name] = try reader.required("the number of \(name)")
  }
}

// MARK: - Read

extension Host {
  /// - Parameter names: those to read; nil takes all.
  package func protocolCounters(
    only names: [String]? = nil
  ) throws(KernelError) -> ProtocolCounters {
    var counters = ProtocolCounters(only: names)
    for name in ["net/snmp", "net/netstat"] {
      let path = KernelPath.proc(name)
      let bytes = try kernel.read(path)
      try decoding(path.description) { () throws(DecodeError) in
        try counters.add(table: bytes, path.description)
      }
    }
    let path = KernelPath.proc("net/snmp6")
    do throws(KernelError) {
      let bytes = try kernel.read(path)
      try decoding(path.description) { () throws(DecodeError) in
        try counters.add(list: bytes, path.description)
      }
    } catch {
      // A kernel without IPv6.
      guard error.kind == .absent else { throw error }
    }
    return counters
  }
}

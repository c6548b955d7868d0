package import KernelIO
package import Netlink

/// Counters of the protocols, of this network namespace: /proc/net/snmp, netstat and snmp6
/// (networking/snmp_counter.rst).
///
/// Order and number differ between kernels, so they go by name: group and name in one, as nstat(8)
/// writes them ("TcpExtListenOverflows", "UdpRcvbufErrors", "Udp6RcvbufErrors").
package struct ProtocolCounters: Hashable, Sendable {
  private var values: [String: UInt64] = [:]

  package init() {}

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
      var names: [ArraySlice<UInt8>] = []
      while let name = reader.word() { names.append(name) }
      guard try reader.nextLine(), reader.text(before: UInt8(ascii: ":")) == group else {
        throw reader.error("the numbers of \(group.text) are missing")
      }
      for name in names { try add(group.text + name.text, &reader) }
      guard reader.atEndOfLine() else { throw reader.error("more numbers than names") }
    }
  }

  /// /proc/net/snmp6: a name and a number on each line.
  package mutating func add(list bytes: [UInt8], _ context: String) throws(DecodeError) {
    var reader = TextReader(bytes, context)
    while try reader.nextLine() {
      guard let name = reader.word() else { throw reader.error("a line without a name") }
      try add(name.text, &reader)
      guard reader.atEndOfLine() else { throw reader.error("more than one number") }
    }
  }

  /// Settings stand among the counters, and one of them is -1 (TcpMaxConn): it is left out.
  private mutating func add(_ name: String, _ reader: inout TextReader) throws(DecodeError) {
    reader.skipSpaces()
    if reader.peek == UInt8(ascii: "-") {
      _ = reader.word()
      return
    }
    values[name] = try reader.required("the number of \(name)")
  }
}

// MARK: - Read

extension Host {
  package func protocolCounters() throws(KernelError) -> ProtocolCounters {
    var counters = ProtocolCounters()
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

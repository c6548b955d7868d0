import Notation
package import ReceivePath

/// The sockets that packets arrive at: listeners with their SO_REUSEPORT groups, UDP sockets, and
/// what the namespace counted at them.
package struct SocketText {
  private let sockets: SocketSnapshot

  package init(_ sockets: SocketSnapshot) {
    self.sockets = sockets
  }

  /// Marked.
  package var lines: [String] {
    section("listeners", sockets.listeners, listenerTable)
      + section("UDP sockets", sockets.udp, udpTable) + counterLines
  }

  private func section(
    _ title: String, _ groups: Reading<[ListenerGroup]>, _ table: ([ListenerGroup]) -> Table
  ) -> [String] {
    switch groups {
    case .absent(let absence): ["", "\(title): \(absence.reason.words)"]
    case .value(let groups):
      groups.isEmpty
        ? ["", "\(title): none in this namespace"] : ["", title] + table(groups).lines(indent: 2)
    }
  }

  private func listenerTable(_ groups: [ListenerGroup]) -> Table {
    var table = Table([
      .left("ADDRESS"), .right("SOCKETS"), .right("QUEUED"), .right("LIMIT"), .right("DROPS"),
      .left("PROCESS"), .left("SKEW"),
    ])
    for group in groups {
      table.add([
        group.endpoint, "\(group.members.count)", "\(group.queued)", "\(group.limit)",
        group.drops.map { Terminal.losses($0) }, owners(group), skew(group),
      ])
    }
    return table
  }

  private func udpTable(_ groups: [ListenerGroup]) -> Table {
    var table = Table([
      .left("ADDRESS"), .right("SOCKETS"), .right("QUEUED-BYTES"), .right("BUFFER"),
      .right("DROPS"), .left("PROCESS"),
    ])
    for group in groups {
      let memory = group.members.compactMap(\.memory)
      table.add([
        group.endpoint, "\(group.members.count)",
        "\(memory.reduce(0) { $0 + UInt64($1.receiveAllocated) })",
        "\(memory.reduce(0) { $0 + UInt64($1.receiveBuffer) })",
        group.drops.map { Terminal.losses($0) }, owners(group),
      ])
    }
    return table
  }

  /// The processes of a group's sockets, each once.
  private func owners(_ group: ListenerGroup) -> String {
    var names: [String] = []
    for member in group.members {
      let name = Words.of(sockets.owners[member.inode]) {
        "\($0.command ?? "?")/\($0.pid)"
      }
      if !names.contains(name) { names.append(name) }
    }
    return names.count > 4
      ? names.prefix(3).joined(separator: " ") + " and \(names.count - 3) more"
      : names.joined(separator: " ")
  }

  /// The fullest member against the mean: of the accept queues now, and of all drops.
  private func skew(_ group: ListenerGroup) -> String? {
    let words = [
      group.queueSkew.map { "queued \(times($0))" },
      group.dropSkew.map { "drops \(times($0))" },
    ].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }

  private func times(_ ratio: Double) -> String {
    let tenths = Int((ratio * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)×"
  }

  private var counterLines: [String] {
    switch sockets.counters {
    case nil: return []
    case .absent(let absence): return ["", "protocol counters: \(absence.reason.words)"]
    case .value(let counters):
      let lost = ProtocolLoss.names.compactMap { name in
        counters[name].flatMap { $0 == 0 ? nil : "\(name) \($0)" }
      }
      return ["", "lost at sockets: " + (lost.isEmpty ? "nothing" : lost.joined(separator: ", "))]
    }
  }
}

extension ListenerGroup {
  /// "192.0.2.1:80", "[::]:443 (IPv6 only)", "*:80" for any IPv4 address.
  package var endpoint: String {
    key.address.endpoint(key.port, zone: key.interface.map { "%\($0)" } ?? "")
      + (key.isIPv6Only == true ? " (IPv6 only)" : "")
  }
}

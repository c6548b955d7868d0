import Live

extension TopView {
  /// Listeners and UDP sockets, an SO_REUSEPORT group in one row.
  static let sockets = TopView(
    name: "sockets", subject: "sockets",
    columns: [
      .text("PROTOCOL", rank: 6), .text("ADDRESS", rank: 10), .text("PROCESS", rank: 7, width: 9),
      .number("SOCKETS", rank: 4),
      .number("QUEUED", rank: 8, width: 8), .number("LIMIT", rank: 7, width: 8),
      .number("FULL", rank: 9, width: 6), .number("DROPS/S", rank: 9, width: 7),
      .number("DROPS", rank: 5, width: 7), .number("SKEW", rank: 3),
    ],
    sortColumn: 7, empty: "no TCP listeners or UDP sockets in this namespace",
    rows: { rates in (rates.sockets ?? []).map(row) })

  /// "nginx/71", as `rxtune show` has it; without a number where several processes hold them.
  private static func holder(of group: SocketRates) -> String? {
    guard let pid = group.pid else { return group.process }
    return "\(group.process ?? "?")/\(pid)"
  }

  private static func row(_ group: SocketRates) -> Row {
    Row(
      cells: [
        .text(group.transport.rawValue), .text(group.endpoint), .text(holder(of: group)),
        .count(group.members),
        Cell(text: "\(group.queued)", order: Double(group.queued)),
        Cell(text: group.limit.map { "\($0)" }, order: group.limit.map { Double($0) }),
        .share(group.fullest, warning: 0.5, alert: 0.8), .loss(group.drops),
        Cell(text: group.dropped.map { "\($0)" }, order: group.dropped.map { Double($0) }),
        .rate(group.skew),
      ],
      isIdle: group.queued == 0 && (group.drops ?? 0) == 0)
  }
}

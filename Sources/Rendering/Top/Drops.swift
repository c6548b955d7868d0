import Knobs
import Live

extension TopView {
  /// Every counter of lost packets, in the packet's order until it is sorted.
  static let drops = TopView(
    name: "drops", subject: "counters",
    columns: [
      .text("STAGE", rank: 5, width: 6), .text("PLACE", rank: 9), .text("COUNTER", rank: 8),
      .number("DROPS/S", rank: 10, width: 7), .number("TOTAL", rank: 7),
      .text("MEANING", rank: 1),
    ],
    sortColumn: 3, empty: "no counter of drops can be read",
    rows: { rates in rates.drops.map(row) })

  private static func row(_ drop: DropRate) -> Row {
    Row(
      cells: [
        .text(drop.stage.title), .text(drop.place), .text(drop.counter), .loss(drop.perSecond),
        Cell(text: drop.total.map { "\($0)" }, order: drop.total.map { Double($0) }),
        .text(drop.meaning),
      ],
      isIdle: drop.perSecond == 0, device: drop.device)
  }
}

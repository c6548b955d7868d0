import Testing

@testable import Rendering

@Suite("Tables") struct TableTests {
  @Test func columnsAreAlignedByTerminalWidth() {
    var table = Table([.left("name"), .right("n"), .left("unused")])
    table.add(["é", "1", nil])
    table.add(["漢字", "100", nil])
    table.add([nil, "7"])
    #expect(table.lines() == ["name    n", "é       1", "漢字  100", "–       7"])
  }

  @Test func namesCannotMoveTheCursor() {
    #expect(Terminal.printable("a\u{1b}[2Jb") == "a\\x1b[2Jb")
  }

  @Test func oneValueOfAllRowsStandsAbove() {
    var table = Table(
      [.right("QUEUE"), .left("JOIN", folds: true), .left("RPS", folds: true), .right("DROPS")],
      of: "queues")
    table.add(["0", "msi", "off", "7"])
    #expect(table.lines() == ["QUEUE  JOIN  RPS  DROPS", "    0  msi   off      7"])
    table.add(["1", "msi", nil, "7"])
    #expect(
      table.lines(indent: 2) == [
        "  all queues: join msi", "  QUEUE  RPS  DROPS", "      0  off      7",
        "      1  –        7",
      ])
  }
}

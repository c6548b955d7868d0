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

  @Test(arguments: [
    (["eth0 rx-0", "eth0 rx-1", "eth0 rx-2"], ["eth0 rx-0 to rx-2"]),
    (["eth0 rx-0", "eth0 rx-2"], ["eth0 rx-0", "eth0 rx-2"]),
    (["eth0 rx-1", "eth1 rx-2"], ["eth0 rx-1", "eth1 rx-2"]),
    (["eth0 rx-9", "eth0 tx-10"], ["eth0 rx-9", "eth0 tx-10"]),
    (["irq-9", "irq-10"], ["irq-9 to irq-10"]), (["cpu0", "cpu1"], ["cpu0 to cpu1"]),
    (["eth0", "eth1"], ["eth0", "eth1"]), (["host"], ["host"]),
    (["rx-9223372036854775807", "rx-0"], ["rx-9223372036854775807", "rx-0"]),
  ])
  func neighboursAreOneRange(places: [String], ranges: [String]) {
    var found: [PlaceRange] = []
    for place in places {
      if let longer = found.last?.continued(by: place) {
        found[found.count - 1] = longer
      } else {
        found.append(PlaceRange(place))
      }
    }
    #expect(found.map(\.description) == ranges)
  }
}

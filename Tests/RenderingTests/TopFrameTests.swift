import Glibc
import KernelIO
import Live
import TestSupport
import Testing

@testable import Rendering

/// Screens of `rxtune top`, byte for byte as they stand in Top/: a file a screen, what a terminal gets.
///
/// RXTUNE_RECORD=1 writes them; the difference is then for a person to read.
@Suite struct TopFrameTests {
  private static let directory =
    #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/Top"

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var machine = SampledMachine()
    var display = Display(columns: 100, rows: 16)
    var change: @Sendable (inout TopScreen) -> Void = { _ in }
    var testDescription: String { name }
  }

  private static let large = SampledMachine(cpus: 64, queues: 64, busyQueues: 5, source: .driver)

  static let cases: [Case] = [
    Case(name: "queues"),
    Case(name: "cpus") { $0.view = 1 },
    Case(name: "sockets") { $0.view = 2 },
    Case(name: "drops") { $0.view = 3 },
    Case(name: "queues-64", machine: large),
    Case(name: "cpus-64", machine: large) { $0.view = 1 },
    Case(name: "drops-64", machine: large) { $0.view = 3 },
    Case(name: "uncounted", machine: SampledMachine(source: nil)),
    Case(name: "narrow", display: Display(columns: 44, rows: 12)),
    Case(name: "wide-drops", display: Display(columns: 180, rows: 20)) { $0.view = 3 },
    Case(name: "low", machine: large, display: Display(columns: 100, rows: 8)),
    Case(name: "too-small", display: Display(columns: 30, rows: 5)),
    Case(name: "no-colour", display: Display(columns: 100, rows: 16, hasColour: false)),
    Case(name: "ascii", display: Display(columns: 100, rows: 16, isUnicode: false)) {
      $0.cursor = 3
      $0.isReversed = true
    },
    Case(name: "sorted-by-cpu") {
      $0.sortColumns[0] = 6
      $0.cursor = 6
      $0.state = "paused, 3 back"
    },
    Case(name: "filter") {
      $0.view = 3
      $0.filter = "UDP"
      $0.prompt = ("show rows with", "UDP")
    },
    Case(name: "help", display: Display(columns: 100, rows: 24)) { $0.isHelp = true },
    Case(name: "scrolled", machine: SampledMachine(cpus: 64, queues: 64, busyQueues: 40)) {
      $0.offset = 7
    },
  ]

  private func frame(_ one: Case, at index: Int = 3) throws -> TopFrame {
    var screen = TopScreen()
    screen.state = "every 1s"
    one.change(&screen)
    return TopFrame(try one.machine.timeline(4).rates(at: index), screen, for: one.display)
  }

  @Test(arguments: cases) func screensAsRecorded(_ one: Case) throws {
    let text = try frame(one).encoded.map { $0 + "\n" }.joined()
    let path = "\(Self.directory)/\(one.name).txt"
    if unsafe getenv("RXTUNE_RECORD") != nil {
      try LocalDirectory.make(Self.directory)
      try LocalFile.write(path, Array(text.utf8))
    }
    #expect(text == String(decoding: try LocalFile.read(path), as: UTF8.self))
  }

  @Test(arguments: cases) func noScreenIsLargerThanTheTerminal(_ one: Case) throws {
    for columns in [1, 2, 39, 40, 41, 63, 80, 200] {
      for rows in [1, 2, 7, 8, 9, 24, 60] {
        var smaller = one
        (smaller.display.columns, smaller.display.rows) = (columns, rows)
        let lines = try frame(smaller).lines
        #expect(lines.count <= rows && lines.allSatisfy { $0.width <= columns })
      }
    }
  }

  @Test func theFirstLookSaysThatRatesFollow() throws {
    let lines = try frame(Self.cases[0], at: 0).lines.map(\.text)
    #expect(lines[1].contains("rates follow"))
    #expect(lines.contains { $0.contains("eth0") && $0.contains("–") })
    let empty = TopFrame(nil, TopScreen(), for: Display(columns: 80, rows: 24))
    #expect(empty.lines.count == 24)
  }

  @Test func withoutColoursNoColourIsSent() throws {
    for view in TopView.all.indices {
      let one = Case(
        name: "", display: Display(columns: 120, rows: 30, hasColour: false, isUnicode: false)
      ) { $0.view = view }
      for line in try frame(one).encoded {
        #expect(!line.contains("\u{1b}[3"))
        #expect(line.utf8.allSatisfy { $0 < 0x80 })
      }
    }
  }

  /// A device may be called anything.
  @Test func namesMoveNoCursor() throws {
    let machine = SampledMachine()
    var (before, after) = (try machine.sample(1), try machine.sample(2))
    before.devices[0].name = "e\u{1b}[2J"
    after.devices[0].name = "e\u{1b}[2J"
    let rates = Rates(machine.configuration, from: before, to: after)
    for view in TopView.all.indices {
      var screen = TopScreen()
      screen.view = view
      screen.filter = "\u{1b}"
      let frame = TopFrame(rates, screen, for: Display(columns: 100, rows: 30))
      #expect(!frame.lines.map(\.text).joined().contains("\u{1b}"))
    }
  }

  @Test func figuresOfAllSizes() {
    #expect(
      [0, 0.04, 3.24, 9.96, 48_211.4, 999_999, 1_340_000, 2.5e9, 7e12, .infinity, .nan, -1]
        .map(RateText.rate) == [
          "0", "0.0", "3.2", "10", "48211", "999999", "1.34M", "2.50G", "7.00T", "?", "?", "?",
        ])
    #expect(
      [0, 100, 1_250, 125_000_000, 1.25e9, 1e30, .nan].map(RateText.bits) == [
        "0 bit/s", "800.0 bit/s", "10.0 kbit/s", "1.00 Gbit/s", "10.00 Gbit/s",
        "1000000.00 Gbit/s", "?",
      ])
  }

  @Test func whatIsAbsentComesLastEitherWay() throws {
    let view = TopView.queues
    let rows = [nil, 3.0, nil, 9.0].enumerated().map { place, value in
      TopView.Row(
        cells: view.columns.map { _ in .rate(value) }, isIdle: false, device: "d", number: place)
    }
    #expect(view.sorted(rows, by: 2, isReversed: false).map(\.number) == [3, 1, 0, 2])
    #expect(view.sorted(rows, by: 2, isReversed: true).map(\.number) == [1, 3, 0, 2])
    #expect(view.sorted(rows, by: 99, isReversed: true).map(\.number) == [0, 1, 2, 3])
  }
}

import FoundationEssentials
import Glibc
import KernelIO
import Rendering
import TestSupport
import Testing

@testable import Scaling

@Suite("Reports of recorded results") struct ReportTests {
  private static let fixtures =
    #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Fixtures"

  private func recorded(_ name: String = "results") throws -> Results {
    try ResultsFile.read("\(Self.fixtures)/\(name).jsonl")
  }

  /// The terminal's report and the page of a recorded sweep and of a bench bypass, byte for byte.
  /// RXTUNE_RECORD=1 writes them anew.
  @Test(arguments: ["report.txt", "report.html", "bypass.txt", "bypass.html"])
  func reportsAreTheGoldenOnes(name: String) throws {
    let results = try recorded(name.hasPrefix("bypass") ? "bypass" : "results")
    let text = name.hasSuffix("html") ? BenchPage.html(results) : BenchText.text(results)
    let path = Self.fixtures + "/" + name
    if unsafe getenv("RXTUNE_RECORD") != nil { try LocalFile.write(path, Array(text.utf8)) }
    let golden = String(decoding: try LocalFile.read(path), as: UTF8.self)
    #expect(text == golden)
  }

  @Test func whatIsWrittenReadsBackTheSame() throws {
    let results = try recorded()
    let session = try #require(results.session)
    var bytes = try ResultsFile.encode(.session(session))
    for run in results.runs { bytes += try ResultsFile.encode(.run(run)) }
    let again = try ResultsFile.decode(bytes, from: "memory")
    #expect(again.session == session && again.runs == results.runs)
  }

  @Test func aLineThatACrashCutShortIsLeftOut() throws {
    let session = try #require(try recorded().session)
    let run = try #require(try recorded().runs.first)
    let bytes = try ResultsFile.encode(.session(session)) + ResultsFile.encode(.run(run))
    #expect(try ResultsFile.decode(bytes, from: "whole").runs.count == 1)
    #expect(try ResultsFile.decode(bytes.dropLast(40), from: "cut").runs.isEmpty)
    #expect(throws: BenchError.self) {
      try ResultsFile.decode(bytes.dropLast(40) + [UInt8(ascii: "\n")], from: "broken")
    }
  }

  /// Cut anywhere, a file has the runs whose lines are whole; one that is broken is reported of as
  /// many as it has, or the line is named that is wrong.
  @Test func cutAndBrokenFilesAreRefusedOrRead() throws {
    let bytes = try LocalFile.read(Self.fixtures + "/results.jsonl")
    let whole = try ResultsFile.decode(bytes, from: "whole").runs
    for length in stride(from: 0, to: bytes.count, by: 6007) {
      let lines = bytes[..<length].split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
      ).dropLast()
      if lines.isEmpty {
        let error = #expect(throws: BenchError.self) {
          try ResultsFile.decode(Array(bytes[..<length]), from: "cut")
        }
        #expect(error?.message == "cut does not begin with a session")
      } else {
        let cut = try ResultsFile.decode(Array(bytes[..<length]), from: "cut").runs
        let runs = lines.count { $0.starts(with: "{\"run\"".utf8) }
        #expect(cut == Array(whole.prefix(runs)), "\(length)")
      }
      var broken = bytes
      broken[length] ^= 0x15
      do {
        let results = try ResultsFile.decode(broken, from: "broken")
        #expect(results.runs.count == whole.count)
        #expect(BenchText.text(results).contains("\n"))
        #expect(BenchPage.html(results).hasSuffix("</html>\n"))
      } catch {
        #expect(error.message.contains("line \(lines.count + 1)"), "\(length): \(error.message)")
      }
    }
  }

  @Test func figuresThatNoRunCanHaveHadAreRefused() throws {
    let session = try #require(try recorded().session)
    let changes: [(inout RunRecord) -> Void] = [
      { $0.derived.rate = 1e200 }, { $0.derived.rate = -1 }, { $0.workers = .max },
      { $0.workers = 0 }, { $0.derived.host?.user = 1e308 },
    ]
    let run = try #require(try recorded().runs.first)
    for change in changes {
      var broken = run
      change(&broken)
      let bytes =
        try ResultsFile.encode(.session(session)) + ResultsFile.encode(.run(run))
        + ResultsFile.encode(.run(broken))
      let error = #expect(throws: BenchError.self) {
        try ResultsFile.decode(bytes, from: "broken")
      }
      #expect(error?.message == "broken line 3: no run can have had such figures")
    }
  }

  /// The widest that a file may hold, beside the least.
  @Test func figuresAtTheirBoundsAreShown() throws {
    var results = try recorded()
    let first = try #require(results.runs.first)
    results.runs = [0, 0, 1e12, 1e12, 1, 1e12].map { rate in
      var run = first
      run.derived.rate = rate
      run.derived.host?.user = rate
      return run
    }
    for round in results.runs.indices { results.runs[round].workers = 1 + round / 2 }
    #expect(BenchText.text(results).contains("1000000.00 M"))
    #expect(BenchPage.html(results).contains("1000000.00 M"))
  }

  @Test func aLaterFormatIsRefused() throws {
    var session = try #require(try recorded().session)
    session.format = Session.currentFormat + 1
    let bytes = try ResultsFile.encode(.session(session))
    #expect(throws: BenchError.self) { try ResultsFile.decode(bytes, from: "later") }
  }

  /// Results of before format 3 leave out the group of a counter.
  @Test func countersOfOlderResultsGetTheNamesOfNstat() throws {
    for run in try recorded().runs {
      for use in [run.load.host, run.server.host] {
        #expect(use.counters.count == 16)
        #expect(use.counters.keys.allSatisfy(HostSample.counterNames.contains))
      }
    }
    var run = try #require(try recorded().runs.first)
    run.server.host.counters = ["TcpExtListenDrops": 3]
    var session = try #require(try recorded().session)
    session.format = 3
    let bytes = try ResultsFile.encode(.session(session)) + ResultsFile.encode(.run(run))
    #expect(
      try ResultsFile.decode(bytes, from: "now").runs.first?.server.host.counters
        == ["TcpExtListenDrops": 3])
  }

  @Test func namesOfTheMachineCannotBreakThePage() throws {
    var results = try recorded()
    results.session?.machine.hostName = "<script>alert('x')</script>&\""
    let page = BenchPage.html(results)
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"))
  }

  @Test func nothingMeasuredIsSaid() {
    #expect(BenchText.text(Results()) == "Nothing was measured.\n")
    #expect(BenchPage.html(Results()).contains("Nothing was measured."))
  }

  // MARK: A real browser

  private static let browser = ["chromium", "google-chrome"].first(where: Shell.has)

  /// Asks a browser what it made of the page: every label inside its chart, none on another.
  private static let probe = """
    <script>
    const box = e => e.getBoundingClientRect();
    const charts = [...document.querySelectorAll('svg')];
    let clipped = [], covered = [];
    for (const chart of charts) {
      const frame = box(chart), texts = [...chart.querySelectorAll('text')];
      for (const text of texts) {
        const b = box(text);
        if (b.width === 0 || b.left < frame.left || b.right > frame.right + 1 ||
            b.top < frame.top - 1 || b.bottom > frame.bottom + 1) clipped.push(text.textContent);
        for (const other of texts) {
          if (other === text) break;
          const o = box(other);
          if (b.left < o.right - 1 && o.left < b.right - 1 &&
              b.top < o.bottom - 3 && o.top < b.bottom - 3)
            covered.push(text.textContent + '/' + other.textContent);
        }
      }
    }
    const shapes = document.querySelectorAll('svg path, svg rect, svg circle');
    const drawn = [...shapes].filter(s => box(s).width + box(s).height > 0).length;
    document.title = JSON.stringify({charts: charts.length, clipped, covered, drawn,
      wide: document.documentElement.scrollWidth > window.innerWidth});
    </script>
    """

  private struct Sight: Codable {
    var charts: Int
    var clipped: [String]
    var covered: [String]
    var drawn: Int
    var wide: Bool
  }

  @Test(
    .enabled(if: browser != nil, "needs chromium"),
    arguments: [480, 940, 1600].map { ($0, "results") } + [(940, "bypass")])
  func theBrowserShowsEveryChartWhole(width: Int, recording: String) throws {
    let browser = try #require(Self.browser)
    let directory = "/tmp/rxtune-page-\(getpid())-\(recording)-\(width)"
    try Shell.run("mkdir -p \(directory)")
    defer { _ = try? Shell.result("rm -rf \(directory)") }
    let page = BenchPage.html(try recorded(recording))
    let page1 = page.split(separator: "</body>", maxSplits: 1)[0] + Self.probe + "</body></html>"
    try LocalFile.write(directory + "/page.html", Array(page1.utf8))
    let options =
      "--headless --no-sandbox --disable-gpu --user-data-dir=\(directory)/profile "
      + "--window-size=\(width),3200 file://\(directory)/page.html"
    let dump = try Shell.run("\(browser) --dump-dom \(options) 2>/dev/null")
    // The page's own title comes before those of the charts' shapes.
    let title = try #require(
      dump.split(separator: "<title>").dropFirst().first?.split(separator: "</title>").first)
    let plain = title.split(separator: "&quot;", omittingEmptySubsequences: false)
      .joined(separator: "\"")
    let sight = try JSONDecoder().decode(Sight.self, from: Data(plain.utf8))
    #expect(sight.charts == (recording == "bypass" ? 4 : 6))
    #expect(sight.clipped == [] && sight.covered == [])
    let shapes = ["<path ", "<rect ", "<circle "].reduce(0) {
      $0 + page.split(separator: $1, omittingEmptySubsequences: false).count - 1
    }
    #expect(shapes > 40 && sight.drawn == shapes)
    #expect(!sight.wide)
    // And a picture comes of it that is no blank sheet.
    try Shell.run("\(browser) --screenshot=\(directory)/page.png \(options) 2>/dev/null")
    let picture = try LocalFile.read(directory + "/page.png")
    #expect(picture.starts(with: [0x89, 0x50, 0x4e, 0x47]))
    try LocalFile.write(directory + "/page.html", [])
    try Shell.run("\(browser) --screenshot=\(directory)/page.png \(options) 2>/dev/null")
    #expect(picture.count > 4 * (try LocalFile.read(directory + "/page.png").count))
  }
}

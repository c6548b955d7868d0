import FoundationEssentials
import Rendering
import TestSupport
import TestTraits
import Testing

@testable import rxtune_docs

/// What comes with `rxtune metrics` in packaging/metrics/: alert rules with their test, a dashboard,
/// units.
@Suite("Files beside the metrics", .ownThread) struct MetricsFilesTests {
  private static let folder = GeneratedFilesTests.root + "/packaging/metrics"

  private static func text(_ name: String) throws -> String {
    try Shell.run("cat '\(folder)/\(name)'")
  }

  private static var expressions: [String] {
    MetricsDashboard.rows.flatMap(\.panels).flatMap { $0.queries.map(\.expression) }
  }

  private static func words(_ text: String) -> Set<String> {
    Set(
      text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }.map(String.init))
  }

  private static func isMetric(_ word: String) -> Bool {
    word.hasPrefix("rxtune_") && word.dropFirst(7).contains("_")
  }

  @Test func metricsThatAreNamedAreExported() throws {
    let exported = Set(Metric.all.map(\.name))
    for name in ["rxtune.rules.yml", "rxtune.rules.test.yml", "rxtune-dashboard.json"] {
      let named = Self.words(try Self.text(name)).filter(Self.isMetric)
      #expect(named.count > 3, "\(name)")
      #expect(named.subtracting(exported) == [], "\(name)")
    }
    // Each is worth a look.
    let shown = Self.words(try Self.text("rxtune-dashboard.json"))
    #expect(exported.subtracting(shown) == [])
  }

  /// "{{device}}" of a legend, and the labels that series are joined by.
  @Test func labelsThatAreNamedAreExported() throws {
    let exported = Set(Metric.all.flatMap(\.labels) + ["instance"])
    for query in MetricsDashboard.rows.flatMap(\.panels).flatMap(\.queries) {
      let legend = query.legend.split(separator: "{{", omittingEmptySubsequences: false).dropFirst()
        .map { String($0.prefix { $0 != "}" }) }
      #expect(!legend.isEmpty && Set(legend).subtracting(exported) == [], "\(query.legend)")
      let metrics = Metric.all.filter { Self.words(query.expression).contains($0.name) }
      #expect(!metrics.isEmpty)
      let labels = Set(metrics.flatMap(\.labels) + ["instance"])
      #expect(Set(legend).subtracting(labels) == [], "\(query.expression)")
    }
  }

  @Test func theDashboardIsJSONWithPanelsThatDoNotOverlap() throws {
    struct Dashboard: Decodable {
      struct Panel: Decodable {
        struct Place: Decodable {
          var h: Int
          var w: Int
          var x: Int
          var y: Int
        }
        var id: Int
        var gridPos: Place
      }
      var panels: [Panel]
    }
    let text = try Self.text("rxtune-dashboard.json")
    let panels = try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8)).panels
    #expect(Set(panels.map(\.id)).count == panels.count && panels.count > 10)
    var taken: Set<Int> = []
    for place in panels.map(\.gridPos) {
      #expect(place.x + place.w <= 24)
      for row in place.y..<place.y + place.h {
        for column in place.x..<place.x + place.w {
          #expect(taken.insert(row * 24 + column).inserted, "\(place)")
        }
      }
    }
  }

  @Test(.enabled(if: Program.promtool != nil, "needs promtool: Tests/promtool.sh .build/tools"))
  func rulesPassTheirTestAndQueriesAreOnes() throws {
    let promtool = try #require(Program.promtool)
    let work = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -r '\(work)'") }
    // Grafana puts its variables in.
    let queries = Self.expressions.map {
      $0.replacing("$__rate_interval", with: "5m").replacing("$instance", with: ".*")
        .replacing("$device", with: ".*")
    }
    var rules = "groups:\n- name: queries\n  rules:\n"
    for (index, query) in queries.enumerated() {
      rules += "  - record: query:\(index)\n    expr: >-\n      \(query)\n"
    }
    #expect(FileManager.default.createFile(atPath: work + "/q.yml", contents: Data(rules.utf8)))
    for command in [
      "check rules '\(work)/q.yml'", "check rules '\(Self.folder)/rxtune.rules.yml'",
      "test rules '\(Self.folder)/rxtune.rules.test.yml'",
    ] {
      let result = try Shell.result("\(promtool) \(command)")
      #expect(result.status == 0 && result.output.contains("SUCCESS"), "\(result.output)")
    }
  }

  @Test(.enabled(if: Shell.has("systemd-analyze"), "needs systemd-analyze"))
  func unitsAreOnes() throws {
    let work = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -r '\(work)'") }
    // Of what is installed where units expect it.
    try Shell.run(
      """
      cp '\(Self.folder)'/rxtune-metrics.* '\(work)' &&
      sed -i 's|/usr/bin/rxtune |\(Program.rxtune) |' '\(work)'/rxtune-metrics.service
      """)
    let result = try Shell.result(
      "systemd-analyze verify --man=no '\(work)'/rxtune-metrics.timer "
        + "'\(work)'/rxtune-metrics.service")
    #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
    // The command that the unit runs is one that there is.
    let line = try Self.text("rxtune-metrics.service").split(separator: "\n")
      .first { $0.hasPrefix("ExecStart=") }
    #expect(line?.contains("/usr/bin/rxtune metrics --textfile ") == true)
  }
}

import KernelIO
import TestSupport
import Testing

@testable import Rendering
@testable import Scaling

/// What rxtune has measured itself, and is committed (Tests/Measured): it must stay readable, and
/// the pages beside it what this rxtune makes of it.
@Suite("Published measurements") struct MeasuredTests {
  private static let root =
    #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Measured"

  private struct Publication: CustomTestStringConvertible, Sendable {
    var folder: String
    var workload: Workload
    /// Past the kernel's stack, and not by listener modes.
    var isBypass: Bool { folder.hasSuffix("-bypass") }
    var testDescription: String { "\(folder) \(workload.rawValue)" }
    var path: String { "\(MeasuredTests.root)/\(folder)/\(workload.rawValue)" }
  }

  private static let folders =
    ((try? LocalDirectory.list(root)) ?? []).filter { !$0.contains(".") }.sorted()

  private static let publications = folders.flatMap { folder in
    Workload.allCases.map { Publication(folder: folder, workload: $0) }
      .filter { $0.isBypass || $0.workload.isAnswered }
  }

  @Test func somethingIsPublished() { #expect(!Self.folders.isEmpty) }

  @Test(arguments: publications)
  private func resultsReadBackWhole(publication: Publication) throws {
    let results = try ResultsFile.read(publication.path + ".jsonl")
    let plan = try #require(results.session?.plan)
    #expect(plan.exchange.workload == publication.workload)
    // Those that there were when it was measured.
    let modes =
      publication.isBypass
      ? ListenerMode.bypass.filter { $0.serves(plan.exchange.workload) }
      : ListenerMode.serving(plan.exchange.workload)
    #expect((plan.bypass != nil) == publication.isBypass)
    #expect(plan.modes.count >= 4 && Set(plan.modes).isSubset(of: modes))
    let isEmulated = results.warnings.contains { $0.code == .emulatedCPUs }
    #expect(plan.network == (isEmulated ? .loopback : .namespaces))
    let summaries = ModeSummary.all(results)
    #expect(summaries.count == plan.combinations.count)
    #expect(summaries.allSatisfy { $0.runs.count >= 5 && $0.meanRate > 0 })
    // Where CPUs are emulated the kernel tells of no waits; past its stack there is no listener.
    let isTraced = !isEmulated && !publication.isBypass
    #expect(results.locks.count == (isTraced ? plan.combinations.count : 0))
    #expect(results.counts.count == (publication.isBypass ? plan.combinations.count : 0))
    // What anybody can type, on whatever machine it was.
    #expect(results.session?.command.first == "rxtune")
  }

  /// Byte for byte; after a change of how reports read, Tests/Measured/render.sh makes them anew.
  @Test(arguments: publications)
  private func pagesAreWhatTheResultsMake(publication: Publication) throws {
    let page = BenchPage.html(try ResultsFile.read(publication.path + ".jsonl"))
    #expect(try LocalFile.read(publication.path + ".html") == Array(page.utf8))
  }

  /// The figures of the README are those of the results.
  @Test(arguments: publications)
  private func theReadmeHoldsWhatTheResultsSay(publication: Publication) throws {
    let readme = String(
      decoding: try LocalFile.read("\(Self.root)/\(publication.folder)/README.md"), as: UTF8.self)
    let results = try ResultsFile.read(publication.path + ".jsonl")
    for sentence in BenchText.sentences(results) {
      #expect(readme.contains("- \(sentence)\n"))
    }
    let paragraphs = BenchText.text(results).split(separator: "\n\n")
    #expect(readme.contains(paragraphs[1]) && readme.contains(paragraphs[2]))
    for warning in BenchText.warnings(results) {
      #expect(readme.contains("- \(warning.dropFirst("warning: ".count))\n"))
    }
  }

  @Test func nothingPublishedIsLarge() throws {
    for folder in Self.folders {
      let size = try LocalDirectory.list("\(Self.root)/\(folder)").reduce(0) { sum, name in
        sum + (try LocalFile.read("\(Self.root)/\(folder)/\(name)").count)
      }
      #expect(size < 3_000_000)
    }
  }
}

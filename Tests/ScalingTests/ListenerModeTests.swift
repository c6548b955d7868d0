import Foundation
import Glibc
import KernelIO
import Synchronization
import Testing

@testable import Rendering
@testable import Scaling

@Suite("A listener mode is one value") struct ListenerModeTests {
  @Test func namesAreUniqueAndFindTheirMode() {
    #expect(Set(ListenerMode.known.map(\.name)).count == ListenerMode.known.count)
    for mode in ListenerMode.known { #expect(ListenerMode.named(mode.name) == mode) }
    #expect(ListenerMode.named("") == nil)
  }

  @Test func resultsKnowAModeByItsName() throws {
    let encoded = try JSONEncoder().encode(ListenerMode.known)
    #expect(try JSONDecoder().decode([ListenerMode].self, from: encoded) == ListenerMode.known)
    let other = Data(#"["reuseport-of-tomorrow"]"#.utf8)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([ListenerMode].self, from: other)
    }
  }

  /// A file that declares a mode which nothing lists would be measured by nobody.
  @Test func everyModeThatAFileDeclaresIsListed() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Scaling/Modes")
    let declared = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil
    ).flatMap { file in
      try String(contentsOf: file, encoding: .utf8).matches(
        of: /static let \w+ = ListenerMode\(\s*"([^"]+)"/
      ).map { String($0.1) }
    }
    #expect(declared.sorted() == ListenerMode.kernel.map(\.name).sorted())
  }

  @Test func everyModeHasAColourOfItsOwn() {
    let summaries = ListenerMode.known.map {
      ModeSummary(mode: $0, workers: 1, variant: nil, rank: 0, runs: [])
    }
    let lines = Chart.styleSheet(summaries).split(separator: "\n")
    #expect(lines.count == ListenerMode.known.count)
    #expect(Set(lines.map { $0.drop { $0 != "{" } }).count == lines.count)
    #expect(Set(summaries.map(Chart.style)).count == summaries.count)
    // Those to come as well.
    let colours = (0..<40).map(Chart.colour)
    #expect(Set(colours).count == colours.count)
  }

  /// A steered mode that is known nowhere else is steered, or refused: never plain reuseport.
  @Test func aModeIsSteeredByWhatItsValueSays() throws {
    let attached = Mutex<[[Int32]]>([])
    let answer = Mutex<Int32>(0)
    let mode = ListenerMode(
      "made-up", "for this test",
      sockets: .perWorker(
        Steering(
          attach: { _, cpus in
            attached.withLock { $0.append(cpus) }
            return answer.withLock { $0 }
          }, order: { $0.reversed() }, privilege: "ask politely")),
      crr: .epoll(listener: EpollLoop.readable))
    #expect(mode.needsPinnedWorkers && mode.hasListenerToClose(.crr) && !mode.serves(.rr))

    let options = ServerOptions(mode, Exchange(.crr), workers: 1, cpus: [0])
    let server = try Server(options)
    try server.start()
    _ = server.stop()
    #expect(attached.withLock { $0 } == [[0]])

    answer.withLock { $0 = EPERM }
    let refused = #expect(throws: BenchError.self) { _ = try Server(options) }
    #expect(refused?.errno?.rawValue == EPERM && refused?.hint == "ask politely")
    let unpinned = #expect(throws: BenchError.self) {
      _ = try Server(ServerOptions(mode, Exchange(.crr)))
    }
    #expect(unpinned?.hint == "name them with --cpus")
    let unserved = #expect(throws: BenchError.self) {
      _ = try Server(ServerOptions(mode, Exchange(.rr), cpus: [0]))
    }
    #expect(unserved?.hint?.contains("reuseport") == true)
  }
}

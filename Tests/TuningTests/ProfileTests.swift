import Knobs
import TestSupport
import Testing

@testable import Tuning

@Suite struct ProfileTests {
  private func parse(_ text: String) throws(ProfileError) -> Profile {
    try ProfileParser.parse(text, file: "p.yaml")
  }

  @Test(arguments: ProfileLibrary.builtIn)
  func builtInOnesSayWhyAndWhereFrom(_ entry: ProfileLibrary.Entry) throws {
    let profile = try ProfileParser.parse(entry.text(), file: entry.name)
    #expect(profile.name == entry.name)
    #expect(!profile.summary.isEmpty)
    #expect(!profile.requests.isEmpty)
    for request in profile.requests {
      #expect(request.reason.why != nil, "\(request.knob.id)")
      #expect(request.reason.source != nil, "\(request.knob.id)")
    }
  }

  @Test func readsWordsNotYAMLTypes() throws {
    let profile = try parse(
      """
      name: mine
      settings:
        features.rx-lro: off
        queue.rps-cpus: off
        coalesce.rx-usecs: 010
        queue.xps-cpus: {tx-0: 0-3, tx-1: none}
        irq.smp-affinity: {value: spread, why: because, source: me, required: true}
      """)
    #expect(
      profile.requests.map(\.knob.id) == [
        "features.rx-lro", "queue.rps-cpus", "coalesce.rx-usecs", "queue.xps-cpus",
        "irq.smp-affinity",
      ])
    #expect(profile.requests[0].value == .literal("off"))
    #expect(profile.requests[1].value == .policy(.off))
    #expect(profile.requests[2].value == .literal("010"))
    #expect(profile.requests[3].value == .each([.queue(.tx, 0): "0-3", .queue(.tx, 1): "none"]))
    #expect(profile.requests[4].value == .policy(.spread))
    #expect(profile.requests[4].isRequired)
    #expect(profile.requests[4].reason.why == "because")
  }

  struct Wrong: Sendable, CustomStringConvertible {
    var text: String
    var line: Int
    var column: Int
    var words: String
    var description: String { words }
  }

  static let wrong: [Wrong] = [
    .init(text: "", line: 1, column: 1, words: "empty"),
    .init(text: "- a", line: 1, column: 1, words: "expected"),
    .init(text: "name: x", line: 1, column: 1, words: "\"settings:\" is missing"),
    .init(
      text: "name: x\nsettings:\n  coalesce.rx-usec: 8", line: 3, column: 3,
      words: "did you mean coalesce.rx-usecs, queue.coalesce.rx-usecs or coalesce.tx-usecs?"),
    .init(text: "setings:\n  mtu: 1", line: 1, column: 1, words: "unknown key 'setings'"),
    .init(text: "settings:\n  coalesce.rx-usecs: many", line: 2, column: 22, words: "many"),
    .init(
      text: "settings:\n  coalesce.rx-usecs: 1\n  coalesce.rx-usecs: 2", line: 2, column: 3,
      words: "twice"),
    .init(
      text: "settings:\n  coalesce.rx-usecs: 1\n  coalesce.rx_usecs: 2", line: 3, column: 3,
      words: "twice"),
    .init(
      text: "settings:\n  irq.smp-affinity: complement", line: 2, column: 21,
      words: "no policy 'complement'"),
    .init(
      text: "settings:\n  queue.rps-cpus: {tx-0: 1}", line: 2, column: 20,
      words: "is not a place of queue.rps-cpus"),
    .init(
      text: "settings:\n  queue.rps-cpus: {value: 1, when: never}", line: 2, column: 30,
      words: "unknown key 'when'"),
    .init(
      text: "settings:\n  irq.effective-affinity: 1", line: 2, column: 3,
      words: "cannot be set"),
    .init(
      text: "settings:\n  net.core.netdev_budget: -1", line: 2, column: 27,
      words: "out of range"),
    .init(text: "settings: {a: [}", line: 1, column: 16, words: "not YAML"),
    .init(text: "settings:\n  mtu: [1, 2]", line: 2, column: 8, words: "one value"),
    .init(text: "settings: {}", line: 1, column: 11, words: "no setting"),
    .init(text: String(repeating: "[", count: 50_000), line: 1, column: 1, words: "brackets"),
    .init(
      text: String(repeating: "[[[[[[[[\n", count: 20_000), line: 513, column: 1,
      words: "brackets"),
  ]

  @Test(arguments: wrong)
  func saysWhereItIsWrong(_ wrong: Wrong) {
    let error = #expect(throws: ProfileError.self) { try parse(wrong.text) }
    #expect(error?.position?.line == wrong.line)
    #expect(error?.position?.column == wrong.column)
    #expect(error?.problem.contains(wrong.words) == true, "\(error?.problem ?? "")")
  }

  /// Cut anywhere, a profile has the first settings of the whole one, or says where it is wrong.
  @Test(arguments: ProfileLibrary.builtIn.map(\.name))
  func cutAnywhereItHasTheFirstSettingsOrAnError(_ name: String) throws {
    let entry = try #require(ProfileLibrary.builtIn.first { $0.name == name })
    let text = try entry.text()
    let whole = try parse(text).requests.map(\.knob)
    let bytes = Array(text.utf8)
    var outcomes: Set<Bool> = []
    for count in stride(from: 0, to: bytes.count, by: 7) {
      let cut = String(decoding: bytes[..<count], as: UTF8.self)
      do {
        let knobs = try parse(cut).requests.map(\.knob)
        #expect(!knobs.isEmpty && whole.starts(with: knobs), "\(count)")
        outcomes.insert(true)
      } catch {
        // What is missing at the end, libyaml misses on the line after.
        let lines = cut.split(separator: "\n", omittingEmptySubsequences: false).count + 1
        let position = error.position
        #expect(position.map { (1...lines).contains($0.line) } == true, "\(count): \(error)")
        #expect(position.map { $0.column > 0 } == true, "\(count): \(error)")
        outcomes.insert(false)
      }
    }
    #expect(outcomes == [true, false])
  }

  /// A file of the administrator's that is there and no text stands for nothing else.
  @Test(arguments: ["ln -s nowhere", "mkdir", "mkfifo", "ln -s /dev/null"])
  func whatCannotBeReadIsNotTheBuiltInOne(_ make: String) throws {
    let directory = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(directory)'") }
    try Shell.run("\(make) '\(directory)/spread.yaml'")
    let library = ProfileLibrary(directory: directory)
    let error = #expect(throws: ProfileError.self) { try library.profile("spread") }
    let words = try #require(error.map { "\($0)" })
    #expect(words.contains("\(directory)/spread.yaml") && words.contains(" (E"))
    #expect(try library.profile("latency").name == "latency")
    #expect(
      try library.entries().filter { $0.name == "spread" }.map(\.origin) == [
        "\(directory)/spread.yaml"
      ])
  }

  @Test func aDirectoryThatCannotBeListedIsNotAnEmptyOne() throws {
    let file = try Shell.run("mktemp").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm '\(file)'") }
    #expect(throws: ProfileError.self) { try ProfileLibrary(directory: file).profile("spread") }
  }
}

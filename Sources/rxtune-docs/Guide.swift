import Foundation

/// The guide of man/guide: Markdown by hand, but for what commands print.
///
/// A code block behind `<!-- run: rxtune show eth0 --from igb -->` is that command and its answer on a
/// recorded host of Tests/Fixtures, to which `--from` leads; `<!-- run 9: … -->` cuts it after nine lines.
struct Guide {
  /// Of the pages, below the package's directory.
  static let folder = "man/guide"

  private let root: String

  init(root: String) { self.root = root }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// A command that a page runs.
  struct Run: Equatable {
    /// As a reader types it: without `--from`, which is the recording's.
    var shown: String
    var arguments: String
    var limit: Int?

    /// - Parameter line: `<!-- run: rxtune … -->`; nil for any other.
    init?(_ line: Substring) {
      guard line.hasPrefix("<!-- run"), line.hasSuffix("-->"), let colon = line.firstIndex(of: ":")
      else { return nil }
      limit = Int(line[..<colon].dropFirst("<!-- run".count).drop { $0 == " " })
      let command = line[colon...].dropFirst().dropLast(3).split(separator: " ")
        .joined(separator: " ")
      guard command.hasPrefix("rxtune ") else { return nil }
      arguments = String(command.dropFirst("rxtune ".count))
      shown =
        command.firstRange(of: " --from ").map { String(command[..<$0.lowerBound]) } ?? command
    }
  }

  /// The pages by their path below the package's directory, each as it should be.
  func pages() throws -> [String: String] {
    let folder = root + "/" + Self.folder
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    var pages: [String: String] = [:]
    var answers: [String: [Substring]] = [:]
    for name in names where name.hasSuffix(".md") {
      let text = FileManager.default.contents(atPath: folder + "/" + name)
        .map { String(decoding: $0, as: UTF8.self) }
      pages[Self.folder + "/" + name] = try Self.filled(text ?? "", name) { run in
        if let known = answers[run.arguments] { return known }
        let answer = try self.answer(run).split(separator: "\n", omittingEmptySubsequences: false)
        answers[run.arguments] = answer
        return answer
      }
    }
    return pages
  }

  /// - Parameter answer: the lines that a command prints; the last is empty.
  static func filled(
    _ page: String, _ name: String, answer: (Run) throws -> [Substring]
  ) throws -> String {
    var lines: [Substring] = []
    var rest = page.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while let line = rest.popFirst() {
      lines.append(line)
      guard let run = Run(line) else { continue }
      guard rest.first == "```", let end = rest.dropFirst().firstIndex(of: "```") else {
        throw Failure(description: "\(name): no code block behind \(line)")
      }
      var answer = try answer(run)
      if answer.last?.isEmpty == true { answer.removeLast() }
      let cut = run.limit.map { answer.count > $0 } ?? false
      lines += ["```", "$ " + run.shown] + answer.prefix(run.limit ?? .max) + (cut ? ["…"] : [])
      rest = rest[end...]
    }
    return lines.joined(separator: "\n")
  }

  /// All commands that a page runs.
  static func runs(_ page: String) -> [Run] {
    page.split(separator: "\n").compactMap { Run($0) }
  }

  /// This program run as rxtune, which ends with the command.
  private func answer(_ run: Run) throws -> String {
    // rxtune puts a flow together that a shell would not have taken apart.
    var words = run.arguments.filter { $0 != "'" }.split(separator: " ").map(String.init)
    if let option = words.firstIndex(of: "--from"), words.indices.contains(option + 1) {
      words[option + 1] = "\(root)/Tests/Fixtures/\(words[option + 1]).capture"
    }
    let process = Process()
    process.executableURL = URL(filePath: Self.program)
    process.arguments = ["rxtune"] + words
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // 2 is a difference: a plan with changes, a finding.
    guard [0, 2].contains(process.terminationStatus) else {
      throw Failure(
        description: "rxtune \(run.arguments): exit status \(process.terminationStatus)")
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// rxtune-docs, beside whatever runs this: itself, or its tests.
  private static var program: String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return own.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/rxtune-docs"
  }
}

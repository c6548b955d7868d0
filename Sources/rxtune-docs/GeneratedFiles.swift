import ArgumentParser
import Commands
import FoundationEssentials
import KernelIO
import Notation
import ReceivePath
import Rendering

/// All generated files, by their path below the package's directory.
struct GeneratedFiles {
  var root: String
  var contents: [String: String]

  init(root: String) throws {
    self.root = root
    let tool = try ToolInfo(dump: Rxtune._dumpHelp())
    contents = [
      "completions/rxtune": Self.sourced(Rxtune.completionScript(for: .bash)),
      "completions/_rxtune": Rxtune.completionScript(for: .zsh),
      "completions/rxtune.fish": Rxtune.completionScript(for: .fish),
      "man/rxtune.1": MainPage(tool.command).text,
      "man/rxtune-knobs.7": KnobsPage().text,
      "man/rxtune-path.7": PathPage().text,
      "Sources/rxtune.schema.json": JSONSchema.document.text(),
      "packaging/metrics/rxtune-dashboard.json": MetricsDashboard().text,
    ]
    for command in tool.command.shownSubcommands {
      contents["man/rxtune-\(command.commandName).1"] =
        CommandPage(command, of: tool.command).text
    }
    contents.merge(try Guide(root: root).pages()) { $1 }
    if let readme = Self.read(root + "/README.md") {
      let recorded = Self.read(root + "/Tests/Fixtures/igb.capture")
      let host = try recorded.map { try Host(ReplayKernel(Capture.parse(Array($0.utf8)))) }
      contents["README.md"] = try ReadmeTables(tool.command, example: host).filled(readme)
    }
  }

  /// A script that a shell reads and nobody starts names no interpreter.
  private static func sourced(_ script: String) -> String {
    script.hasPrefix("#!") ? String(script.drop { $0 != "\n" }.drop { $0 == "\n" }) : script
  }

  /// Paths whose file differs from what it should be, and pages of commands that are no more.
  func stale() -> [String] {
    let differing = contents.filter { Self.read(root + "/" + $0.key) != $0.value }.map(\.key)
    return (differing + orphans()).sorted()
  }

  func write(_ paths: [String]) throws {
    for path in paths {
      let file = root + "/" + path
      guard let text = contents[path] else {
        try FileManager.default.removeItem(atPath: file)
        continue
      }
      let folder = file.prefix(upTo: file.lastIndex(of: "/") ?? file.startIndex)
      try FileManager.default.createDirectory(
        atPath: String(folder), withIntermediateDirectories: true)
      guard FileManager.default.createFile(atPath: file, contents: Data(text.utf8)) else {
        throw CocoaError(.fileWriteUnknown)
      }
    }
  }

  /// Pages in man/ that no command and no catalogue stands behind.
  private func orphans() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/man")) ?? []
    return names.map { "man/" + $0 }.filter { contents[$0] == nil && $0 != Guide.folder }
  }

  private static func read(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}

import FoundationEssentials
import Knobs
import TestSupport
import TestTraits
import Testing

@testable import rxtune_docs

@Suite("Generated files", .ownThread) struct GeneratedFilesTests {
  /// The package's directory: three above this file.
  static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

  @Test func nothingIsStale() throws {
    let stale = try GeneratedFiles(root: Self.root).stale()
    #expect(stale.isEmpty, "run \"swift run rxtune-docs\"")
  }

  @Test func changesAndOrphansAreNamedAndMended() throws {
    let root =
      FileManager.default.temporaryDirectory.path + "/rxtune-docs-\(UInt64.random(in: 0...(.max)))"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let files = try GeneratedFiles(root: root)
    #expect(files.stale() == files.contents.keys.sorted())
    try files.write(files.stale())
    #expect(files.stale().isEmpty)
    for path in ["man/rxtune-get.1", "man/rxtune-gone.1"] {
      #expect(FileManager.default.createFile(atPath: root + "/" + path, contents: Data("x".utf8)))
    }
    #expect(files.stale() == ["man/rxtune-get.1", "man/rxtune-gone.1"])
    try files.write(files.stale())
    #expect(files.stale().isEmpty)
  }

  @Test func everyCommandHasAWholePage() throws {
    let contents = try GeneratedFiles(root: Self.root).contents
    for (path, text) in contents where path.hasSuffix(".1") {
      for section in [
        "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "\"EXIT STATUS\"", "EXAMPLES", "\"SEE ALSO\"",
      ] { #expect(text.contains(".Sh \(section)\n"), "\(path) lacks \(section)") }
      // Prose, not just the one-line summary.
      let prose = text.split(separator: ".Sh DESCRIPTION").last?.split(separator: ".Sh").first ?? ""
      let sentences = prose.split(separator: "\n").filter {
        !$0.hasPrefix(".") && ($0.hasSuffix(".") || $0.hasSuffix(":"))
      }
      #expect(sentences.count > 1, "\(path) says too little")
      let summary = text.split(separator: "\n").first { $0.hasPrefix(".Nd ") }?.dropFirst(4)
      #expect(summary.map { !prose.contains($0) } == true, "\(path) repeats its summary")
    }
  }

  @Test func everyKnobIsInTheManualAndInTheCompletions() throws {
    let contents = try GeneratedFiles(root: Self.root).contents
    let manual = try #require(contents["man/rxtune-knobs.7"])
    for knob in Knob.catalogue {
      #expect(manual.contains(".It Ic \(Mdoc.escaped(knob.id))\n"), "\(knob.id)")
      for path in ["completions/rxtune", "completions/_rxtune", "completions/rxtune.fish"] {
        #expect(contents[path]?.contains(knob.id) == true, "\(knob.id) in \(path)")
      }
    }
  }

  @Test(.enabled(if: Shell.has("mandoc"), "needs mandoc"))
  func mandocFindsNothingToWarnOf() throws {
    #expect(try Shell.run("mandoc -T lint -W warning \(Self.root)/man/*.[17]").isEmpty)
  }

  @Test(.enabled(if: Shell.has("mandoc"), "needs mandoc"))
  func anExampleIsShownAsItIsTyped() throws {
    let page = try Shell.run("mandoc -T ascii \(Self.root)/man/rxtune-flow.1")
    #expect(page.contains(#"awk '{print "tcp", $5, ">", $4}' | rxtune flow eth0 -"#), "\(page)")
  }

  @Test(.enabled(if: Shell.has("man"), "needs man"))
  func manShowsEveryPageWithoutComplaint() throws {
    for page in try FileManager.default.contentsOfDirectory(atPath: Self.root + "/man")
    where page != "guide" {
      #expect(try Shell.run("man --warnings -l \(Self.root)/man/\(page) >/dev/null").isEmpty)
    }
  }

  @Test(
    arguments: [("bash", "rxtune"), ("zsh", "_rxtune"), ("fish", "rxtune.fish")].filter {
      Shell.has($0.0)
    })
  func shellsAcceptTheirCompletions(shell: String, file: String) throws {
    #expect(try Shell.run("\(shell) -n \(Self.root)/completions/\(file)").isEmpty)
  }

  @Test(.enabled(if: Shell.has("fish"), "needs fish"))
  func fishCompletesKnobsAndDevices() throws {
    func complete(_ line: String) throws -> [String] {
      try Shell.run(
        """
        PATH="$(dirname \(Program.rxtune)):$PATH" fish -c \
        'source \(Self.root)/completions/rxtune.fish; complete -C "\(line)"'
        """
      ).split(separator: "\n").map(String.init)
    }
    #expect(try complete("rxtune get l").contains("lo"))
    #expect(try complete("rxtune explain napi.th") == ["napi.threaded"])
    #expect(try complete("rxtune get gr").contains("gro"))
    #expect(try complete("rxtune knobs transm") == ["transmit"])
    #expect(try complete("rxtune get coalesce.adaptive-r") == ["coalesce.adaptive-rx"])
  }
}

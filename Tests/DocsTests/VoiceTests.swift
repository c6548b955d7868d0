import ArgumentParser
import Commands
import FoundationEssentials
import Knobs
import Testing

@testable import rxtune_docs

/// How rxtune talks, as far as a test can hold it: short, idiomatic English of the field.
@Suite("Voice") struct VoiceTests {
  /// What no text says, and what it says instead.
  static let banned = [
    ("anew", "again, recreate"),
    ("put back", "restore, roll back"), ("puts back", "restores"),
    ("carry out", "apply"), ("carries out", "applies"), ("carried out", "applied"),
    ("as wanted", "as set, hold"),
    ("hold against", "compare"), ("held against", "compared"),
    ("is none that", "does not"),
    ("without a word", "silently"),
    ("makes no sense", "usage error"),
    ("cannot be:", "the reason"), ("cannot be done so", "the reason"),
    ("the same as before", "the words again"),
    ("by default", "(default: …)"), ("the default is", "(default: …)"),
    (", too.", "also"), (", too,", "also"),
    ("at home", "where it was recorded"),
    ("does not tell its", "does not report its"),
    ("stands here twice", "is given twice"),
    ("of use together", "set it together"),
    ("a line each", "one per line"), ("one a line", "one per line"),
  ]

  @Test(arguments: banned) func noTextSays(_ phrase: String, instead: String) throws {
    for text in try Self.texts() {
      let says = text.text.contains(phrase)
      #expect(!says, "\(text.place) says \"\(phrase)\": try \(instead)")
    }
  }

  @Test(arguments: Knob.catalogue) func aSummaryStandsAlone(_ knob: Knob) {
    let summary = knob.summary
    #expect(summary.first?.isUppercase == true)
    #expect(!summary.hasSuffix("."))
    #expect(summary.count <= 80)
    #expect(!summary.lowercased().contains("the same"), "as what?")
  }

  /// Two rows that say the same say of neither what it is.
  @Test func noTwoSummariesAreAlike() {
    let summaries = Dictionary(grouping: Knob.catalogue, by: \.summary)
    #expect(summaries.values.filter { $0.count > 1 }.map { $0.map(\.id) } == [])
  }

  @Test func notesAreSentences() {
    for knob in Knob.catalogue {
      guard let notes = knob.notes else { continue }
      #expect(notes.hasSuffix("."), "\(knob.id)")
    }
  }

  /// "List changes, newest first."
  @Test func abstractsAreOneShortSentence() throws {
    for command in try Self.commands() {
      let abstract = try #require(command.abstract, "\(command.commandName)")
      #expect(abstract.first?.isUppercase == true, "\(abstract)")
      #expect(abstract.hasSuffix("."), "\(abstract)")
      #expect(abstract.count <= 80, "\(abstract)")
    }
  }

  /// ArgumentParser breaks what is wider than the terminal without its indentation.
  @Test func whatHelpIndentsFitsATerminal() throws {
    for command in try Self.commands() {
      for line in (command.discussion ?? "").split(separator: "\n") {
        if line.hasPrefix(" ") { #expect(line.count <= 80, "\(command.commandName)") }
        // As a string that goes on in the next line of its source may have; an exit status has more.
        let words = line.drop { $0 == " " || $0.isNumber }
        #expect(words.firstRange(of: "   ") == nil, "\(command.commandName): \(line)")
      }
    }
  }

  /// "Concurrent connections. (default: 32)", and no other way.
  @Test func defaultsAreSaidOneWay() throws {
    for argument in try Self.commands().flatMap(\.shownArguments) {
      let abstract = argument.abstract ?? ""
      guard let place = abstract.firstRange(of: "default:") else {
        #expect(!abstract.lowercased().contains("default is"), "\(abstract)")
        continue
      }
      #expect(abstract[..<place.lowerBound].hasSuffix(". ("), "\(abstract)")
      #expect(abstract.hasSuffix(")"), "\(abstract)")
    }
  }

  /// As the README says of every command.
  @Test func everyCommandPrintsJSON() throws {
    let leaves = try Self.commands().filter { $0.shownSubcommands.isEmpty }
    #expect(leaves.count > 30)
    let without = leaves.filter { command in
      !command.shownArguments.contains { $0.preferredName?.name == "json" }
    }
    #expect(without.map(\.commandName) == [])
  }

  /// All commands, and those below them.
  private static func commands() throws -> [ToolInfo.Command] {
    func all(_ command: ToolInfo.Command) -> [ToolInfo.Command] {
      [command] + command.shownSubcommands.flatMap(all)
    }
    return all(try ToolInfo(dump: Rxtune._dumpHelp()).command)
  }

  /// What people read, in small letters and on one line.
  private static func texts() throws -> [(place: String, text: String)] {
    var texts: [(place: String, text: String)] = []
    for command in try commands() {
      let arguments = (command.arguments ?? []).map { $0.abstract ?? "" }
      let words = [command.abstract ?? "", command.discussion ?? ""] + arguments
      texts.append((command.commandName, words.joined(separator: "\n")))
    }
    for knob in Knob.catalogue {
      texts.append((knob.id, knob.summary + ".\n" + (knob.notes ?? "")))
    }
    let guide = try FileManager.default.subpathsOfDirectory(
      atPath: "\(GeneratedFilesTests.root)/\(Guide.folder)")
    let pages = guide.filter { $0.hasSuffix(".md") }.map { "\(Guide.folder)/\($0)" }
    for path in [
      "README.md", "Sources/rxtune.schema.json", "Tests/Lab/README.md", "Tests/Measured/README.md",
    ] + pages {
      let bytes = FileManager.default.contents(atPath: "\(GeneratedFilesTests.root)/\(path)")
      texts.append((path, String(decoding: try #require(bytes, "\(path)"), as: UTF8.self)))
    }
    let sources = GeneratedFilesTests.root + "/Sources"
    for path in try FileManager.default.subpathsOfDirectory(atPath: sources)
    where path.hasSuffix(".swift") || path.hasSuffix(".yaml") {
      let bytes = try #require(FileManager.default.contents(atPath: "\(sources)/\(path)"))
      texts.append((path, code(String(decoding: bytes, as: UTF8.self))))
    }
    return texts.map { place, text in
      (place, text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }
  }

  /// Without comments, and with strings that go on in the next line on one.
  private static func code(_ text: String) -> String {
    text.split(separator: "\n").map { line in
      let code = line.firstRange(of: "// ").map { line[..<$0.lowerBound] } ?? line
      return code.hasSuffix("\\") ? String(code.dropLast()) : String(code)
    }.filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
  }
}

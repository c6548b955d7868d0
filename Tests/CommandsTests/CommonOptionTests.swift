import ArgumentParser
import FoundationEssentials
import TestSupport
import TestTraits
import Testing

@testable import Commands
@testable import Rendering

/// What every command takes, wherever it stands on the command line; and standard descriptors that
/// are not what they should be.
@Suite(.ownThread) struct CommonOptionTests {
  private static let capture = RecordedHostTests.fixtures.appending(path: "igb.capture").path

  @Test(arguments: [
    ("-q show eth0", "show eth0"), ("show eth0 --quiet --json", "show eth0 --json"),
    ("--color never show", "show"), ("show --color=auto eth0", "show eth0"),
    ("show -- -q --color", "show -- -q --color"),
    ("---completion show -- -q", "---completion show -- -q"), ("show -x", "show -x"), ("", ""),
  ])
  func isTakenOutBeforeTheCommandIsParsed(line: String, left: String) throws {
    var words = line.split(separator: " ").map(String.init)
    // Its effect on this process is none that a test looks at.
    try CommonOption.take(from: &words)
    #expect(words.joined(separator: " ") == left)
  }

  @Test(arguments: [
    "--color", "--color=", "--color blue show", "--quiet=1", "--trace-kernel",
  ])
  func isRefusedWithoutWhatItTakes(line: String) throws {
    let result = try Shell.result("\(Program.rxtune) \(line)")
    #expect(result.status == 64)
    let name = line.split { $0 == " " || $0 == "=" }[0]
    #expect(result.output.hasPrefix("rxtune: error: \(name)"), "\(result.output)")
  }

  @Test func quietLeavesErrorsAlone() throws {
    let export = "export throughput eth0 --format sysctl.d --from '\(Self.capture)' >/dev/null"
    #expect(try Shell.result("\(Program.rxtune) \(export)").output.contains("rxtune: warning: "))
    let quiet = try Shell.result("\(Program.rxtune) -q \(export)")
    #expect(quiet.output.isEmpty && quiet.status == 2, "\(quiet.output)")
    let wrong = try Shell.result("\(Program.rxtune) -q show nosuch0")
    #expect(wrong.output.hasPrefix("rxtune: error: no device") && wrong.status == 1)
  }

  /// The igb was recorded with a plan that cannot be: more channels than it has.
  @Test func colourIsOnATerminalUnlessItIsNotWanted() throws {
    let scratch = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(scratch)'") }
    let plan = "\(Program.rxtune) plan '\(scratch)/p.yaml' eth0 --from '\(Self.capture)'"
    let profile = "name: p\\nsummary: more than there is\\nsettings:\\n  rings.rx: 99999\\n"
    _ = try Shell.run("printf '\(profile)' >'\(scratch)/p.yaml'")
    let red = "\u{1b}[31merror:\u{1b}[0m"
    #expect(try Shell.result(plan + " --color always").output.contains(red))
    let plain = try Shell.result(plan).output
    #expect(plain.contains("error: ") && !plain.contains("\u{1b}"), "\(plain)")
    #expect(plain.unicodeScalars.allSatisfy { $0.value < 0x10_0000 })
    func terminal(_ environment: String, _ options: String = "") throws -> String {
      try PseudoTerminal.output(of: "env -u NO_COLOR \(environment) \(plan) \(options)")
    }
    #expect(try terminal("TERM=xterm").contains(red))
    #expect(try terminal("TERM=xterm NO_COLOR=").contains(red))
    #expect(try !terminal("TERM=xterm NO_COLOR=1").contains("\u{1b}"))
    #expect(try !terminal("TERM=dumb").contains("\u{1b}"))
    #expect(try !terminal("TERM=xterm", "--color never").contains("\u{1b}"))
    #expect(try terminal("TERM=dumb NO_COLOR=1", "--color always").contains(red))
  }

  @Test(arguments: [
    "show lo", "show lo --json", "--help", "--version", "knobs --ids", "explain rings.rx",
  ])
  func aClosedStandardOutputIsAnError(line: String) throws {
    let result = try Shell.result("\(Program.rxtune) \(line) >&-")
    #expect(result.status == 1, "\(result)")
    #expect(
      result.output == "rxtune: error: not all of it could be written to standard output\n",
      "\(result.output)")
  }

  /// No file that is opened later is taken for one of them.
  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root for a network namespace"))
  func noJournalIsWrittenToInPlaceOfAClosedDescriptor() throws {
    let scratch = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(scratch)'") }
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add v0 type veth peer name v1")
      let rxtune = "RXTUNE_STATE_DIR='\(scratch)/s' \(Program.rxtune)"
      let made = try Shell.result("\(rxtune) set link.mtu=1400 v0 <&- >&- 2>&-")
      #expect(made.status == 1)
      let history = try Shell.result("\(rxtune) history")
      #expect(history.status == 0 && history.output.contains("in force"), "\(history.output)")
      #expect(try Shell.result("\(rxtune) rollback").status == 0)
    }
  }

  @Test func aTraceHoldsQuestionsAndAnswers() throws {
    let file = "/tmp/rxtune-trace-\(UInt64.random(in: 0...(.max)))"
    defer { _ = try? Shell.run("rm -f \(file)") }
    let traced = try Shell.run("\(Program.rxtune) show lo --json --trace-kernel \(file)")
    #expect(traced.contains("\"devices\""))
    let lines = try Shell.run("cat \(file)").split(separator: "\n")
    #expect(lines[0].hasPrefix("# rxtune \(Release.version)"), "\(lines[0])")
    #expect(lines[1].contains("show lo --json --trace-kernel"))
    let asked = lines.filter { $0.contains(" netlink ") }
    #expect(asked.count > 3 && asked.allSatisfy { $0.hasSuffix(" µs)") })
    #expect(lines.contains { $0.hasPrefix("> generic type ") })
    #expect(lines.contains { $0.hasPrefix("< type ") })
    #expect(lines.contains { $0.contains(" read /") })
    // A refusal stands with its reason.
    #expect(lines.contains { $0.contains("(EOPNOTSUPP)") })
    // Nobody's file is written over.
    let again = try Shell.result("\(Program.rxtune) show lo --trace-kernel \(file)")
    #expect(again.status == 1 && again.output.contains("(EEXIST)"), "\(again.output)")
  }

  @Test func marksAreColourOrNothing() {
    let line = "drops \(Terminal.losses(7)), missed \(Terminal.losses(0)), \(Terminal.caution("x"))"
    #expect(Terminal.plain(line) == "drops 7, missed 0, x")
    #expect(
      Terminal.painted(line)
        == "drops \u{1b}[31m7\u{1b}[0m, missed 0, \u{1b}[33mx\u{1b}[0m\u{1b}[0m")
    #expect(Terminal.width(line) == 20)
    #expect(Terminal.painted("plain é") == "plain é")
  }
}

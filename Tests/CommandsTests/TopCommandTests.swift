import KernelIO
import TestSupport
import TestTraits
import Testing

/// `rxtune top` where nobody watches: JSON Lines, recordings and their replay.
@Suite(
  "top as JSON Lines", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
struct TopCommandTests {
  private func withFolder(_ body: (NetworkNamespace, String) throws -> Void) throws {
    try NetworkNamespace.run { namespace in
      try namespace.addVeth("v0", "v1")
      let folder = try namespace.shell("mktemp -d").filter { $0 != "\n" }
      defer { _ = try? Shell.run("rm -r '\(folder)'") }
      try body(namespace, folder)
    }
  }

  @Test(.enabled(if: JSONSchemaFile.isUsable, "needs python3-jsonschema"))
  func linesAreValid() throws {
    try withFolder { namespace, folder in
      let top = "\(Program.rxtune) top v0 --interval 100ms --count 3"
      let result = try JSONSchemaFile.validate(top, is: "top", lines: true)
      #expect(result.status == 0, "\(result.output)")
      #expect(try namespace.shell("\(top) --json | wc -l").filter(\.isNumber) == "3")
      #expect(try namespace.shell("TERM=dumb \(top) | grep -c packets-per-second") == "3\n")
    }
  }

  @Test func whatIsReplayedIsWhatWasPrinted() throws {
    try withFolder { namespace, folder in
      let top = "\(Program.rxtune) top"
      try namespace.shell(
        """
        cd '\(folder)'
        bare() { sed 's/^{"rxtune":{[^}]*},/{/'; }
        \(top) v0 --interval 100ms --count 4 --record r.jsonl | bare >live
        \(top) --from r.jsonl | bare >replayed && cmp live replayed
        \(top) --from - <r.jsonl | bare >replayed && cmp live replayed
        \(top) --from r.jsonl --count 2 | bare >two && head -n 2 live | cmp - two
        """)
      #expect(try namespace.shell("wc -l <'\(folder)/live'").filter(\.isNumber) == "4")
    }
  }

  @Test func whoStopsReadingEndsIt() throws {
    try withFolder { _, _ in
      let result = try Shell.result(
        "bash -c 'timeout 20 \(Program.rxtune) top v0 --interval 100ms | head -n 1 >/dev/null; "
          + "exit ${PIPESTATUS[0]}'")
      #expect(result.status == 0, "\(result.output)")
    }
  }

  @Test func aRecordingThatIsBrokenNamesItsLine() throws {
    try withFolder { namespace, folder in
      let file = "\(folder)/r.jsonl"
      let top = "\(Program.rxtune) top"
      try namespace.shell("\(top) v0 --interval 100ms --count 3 --record \(file) >/dev/null")
      let cut = try Shell.result("head -c -40 \(file) >\(file).cut; \(top) --from \(file).cut")
      #expect(cut.status == 1 && cut.output.contains("line 5 is cut short"), "\(cut.output)")
      // What the error says to try.
      let rest = try Shell.result("head -n 4 \(file).cut | \(top) --from - | wc -l")
      #expect(rest.output.filter(\.isNumber) == "2")
      let broken = try Shell.result(
        "sed '3s/.*/{}/' \(file) >\(file).bad; \(top) --from \(file).bad")
      #expect(broken.status == 1 && broken.output.contains("line 3"), "\(broken.output)")
      let one = try Shell.result("head -n 2 \(file) | \(top) --from -")
      #expect(one.status == 1 && one.output.contains("rates need two"), "\(one.output)")
      let over = try Shell.result("\(top) v0 --count 1 --interval 100ms --record \(file)")
      #expect(over.status == 1 && over.output.contains("EEXIST"), "\(over.output)")
    }
  }

  @Test(
    arguments: [
      ("top nope --count 1", 1, "no device 'nope'"), ("top v0 --count 0", 64, "--count"),
      ("top v0 --interval 1ms", 64, "50ms"), ("top v0 --from x", 64, "its own devices"),
      ("top --from /nonexistent", 1, "ENOENT"), ("top --from /dev/null", 1, "holds no sample"),
    ] as [(String, Int32, String)])
  func whatCannotBe(_ arguments: String, status: Int32, says: String) throws {
    try withFolder { _, _ in
      let result = try Shell.result("\(Program.rxtune) \(arguments)")
      #expect(result.status == status, "\(result.output)")
      #expect(result.output.contains(says), "\(result.output)")
    }
  }
}

import ArgumentParser
import FoundationEssentials
import TestSupport
import TestTraits
import Testing

@testable import Commands
@testable import Rendering

/// A command that is named first is parsed alone; nothing may tell that from the whole tree.
@Suite(.ownThread) struct CommandLineTests {
  /// Command lines that run, all options of `show` among them.
  static let plain = [
    "show", "show eth0 eth1 --json", "show --stage irq napi --from x.capture",
    "show eth0 --stage irq --json", "show eth0 --follow", "show -- --json",
    "flow eth0 tcp 10.0.0.1:1 > 10.0.0.2:2", "get coalesce.rx-usecs mtu eth0 --json",
    "doctor eth0 --json", "doctor --for 5s --from a --from b", "top eth0 --json",
    "trace eth0 --json", "metrics --no-queues",
    "improve lo --for rate --among queue.rps-cpus=0 --budget 5m",
    "knobs rps --stage rps", "knobs", "explain net.core.netdev_budget", "capture - --redact",
    "set coalesce.rx-usecs=8 eth0 --dry-run", "channels eth0 combined=max --confirm-within 60s",
    "rings eth0 rx=max --json", "rss eth0 --equal 4", "irq eth0 spread --force",
    "plan latency eth0 --json", "apply latency --wait-link 10s", "verify", "verify latency eth0",
    "confirm", "rollback 20261123-163117 --state-dir /x", "history --json",
    "watch eth0 --repair --interval 5s", "persist latency eth0 --root /x", "unpersist eth0",
    "export --format systemd-link latency eth0", "confirmation-guard 20261123-163117 60000",
  ]

  /// Lines that are answered with words of the parser's.
  static let others = [
    "", "--help", "--version", "help show", "nonsense", "show --help", "show -h", "show --hlep",
    "show --stage nonsense", "show --from", "show --follow", "show --version", "sho", "get",
    "show --generate-completion-script bash", "--generate-completion-script zsh", "set",
    "---completion show -- positional@0 0 0", "profile", "profile list --help", "bench load --x",
    "channels", "capture", "export --format nonsense latency eth0", "show --experimental-dump-help",
  ]

  private static func words(_ line: String) -> [String] {
    line.split(separator: " ").map(String.init)
  }

  @Test(arguments: plain)
  func isParsedAsByTheTree(_ line: String) throws {
    let words = Self.words(line)
    let alone = try #require(Rxtune.subcommand(words), "left to the tree")
    #expect(String(reflecting: alone) == String(reflecting: try Rxtune.parseAsRoot(words)))
  }

  @Test func everyCommandWithoutOnesOfItsOwnIsParsedAlone() {
    let commands = Rxtune.configuration.subcommands.map { $0.configuration }
    let leaves = commands.filter(\.subcommands.isEmpty).compactMap(\.commandName)
    #expect(leaves.count == Set(leaves).count)
    #expect(Set(leaves) == Set(Self.plain.compactMap { Self.words($0).first }))
  }

  @Test(arguments: others)
  func isLeftToTheTree(_ line: String) {
    #expect(Rxtune.subcommand(Self.words(line)) == nil)
  }

  @Test func helpAndMistakesAreWordedByTheTree() throws {
    let help = Rxtune.helpMessage(for: ShowCommand.self, columns: 80)
    for line in ["show --help", "help show", "show eth0 --json -h"] {
      let result = try Shell.result("COLUMNS=80 \(Program.rxtune) \(line)")
      #expect(result.status == 0)
      #expect(result.output == help + "\n", "\(line)")
    }
    for line in ["show --hlep", "show --stage nonsense", "show --follow", "get"] {
      let words = Self.words(line)
      let error = try #require(throws: (any Error).self) { try Rxtune.parseAsRoot(words) }
      let result = try Shell.result("COLUMNS=80 \(Program.rxtune) \(line)")
      #expect(result.status == Rxtune.exitCode(for: error).rawValue)
      let text = try #require(Rxtune.complaints(error, words).first)
      let prose = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        .drop { $0.hasPrefix("{") }.joined(separator: "\n")
      #expect(prose == "rxtune: error: \(text)\n", "\(line)")
    }
    for line in ["show --version", "--version", "-V"] {
      let version = try Shell.result("\(Program.rxtune) \(line)")
      #expect(version.status == 0)
      #expect(version.output == Release.summary + "\n")
    }
    #expect(Release.summary.hasPrefix("rxtune \(Release.version)"))
    #expect(Release.summary.hasSuffix(", schema \(JSONSchema.version)"))
  }

  @Test(arguments: [
    ("sho", "there is no command 'sho'; did you mean show?"),
    ("profile lst", "there is no command 'profile lst'; did you mean list?"),
    ("nonsense", "there is no command 'nonsense'; see rxtune --help"),
    ("bench lod --json", "there is no command 'bench lod'; did you mean load?"),
    ("show --jsn", "unknown option '--jsn'. Did you mean '--json'?"),
    // A value behind it is an argument of the command.
    ("bench serve --hots 192.0.2.1", "unknown option '--hots'. Did you mean '--host'?"),
    ("bench serve --xyzzy=1 192.0.2.1", "unknown option '--xyzzy'"),
    ("get", "missing expected argument '<knob|device> ...'"),
    ("flow eth0 tcp", "flow: 'tcp' is not a valid flow; a flow reads"),
    ("knobs --ids --json", "--json and --ids exclude each other"),
    ("history --json --ids", "--json and --ids exclude each other"),
  ])
  func mistakesAreUsageErrorsOfOneForm(line: String, says: String) throws {
    let result = try Shell.result("\(Program.rxtune) \(line)")
    #expect(result.status == 64)
    #expect(result.output.contains("rxtune: error: \(says)"), "\(result.output)")
    let document = result.output.split(separator: "\n").first { $0.hasPrefix("{") }
    #expect((document != nil) == line.contains("--json"))
    if let document {
      #expect(document.contains("\"kind\":\"usage\""), "\(document)")
    }
    #expect(!result.output.contains("Error:"))
  }

  /// Both on one file, standard output comes first and whole: stdio keeps it back elsewhere.
  @Test func standardOutputIsFlushedBeforeStandardErrorSpeaks() throws {
    let capture = RecordedHostTests.fixtures.appending(path: "igb.capture").path
    let output = try Shell.result(
      "\(Program.rxtune) export throughput eth0 --format sysctl.d --from '\(capture)' 2>&1 | cat")
    let lines = output.output.split(separator: "\n")
    let complaints = lines.drop { !$0.hasPrefix("rxtune: ") }
    #expect(complaints.count > 0 && complaints.count < lines.count, "\(output.output)")
    #expect(complaints.allSatisfy { $0.hasPrefix("rxtune: warning: ") }, "\(output.output)")
  }

  /// Half a gigabyte of address space is enough to say no, and not to hold what is refused.
  @Test(arguments: ["show --from", "bench report", "profile check", "plan"])
  func whatCannotBeOfItsKindIsRefusedBySize(_ command: String) throws {
    let path = "/tmp/rxtune-large-\(command.filter { $0 != " " }).yaml"
    try Shell.run("truncate -s 3G \(path)")
    defer { _ = try? Shell.run("rm -f \(path)") }
    for place in [path, "/dev/zero"] where command != "plan" || place == path {
      let result = try Shell.result("ulimit -v 600000; \(Program.rxtune) \(command) \(place)")
      #expect(result.status == 1, "\(command) \(place): \(result.output)")
      #expect(
        result.output.contains("MiB): file too large (EFBIG)"),
        "\(command) \(place): \(result.output)")
    }
  }

  @Test func aPipeOfACaptureIsRefusedBySize() throws {
    let result = try Shell.result(
      "head -c 70000000 /dev/zero | (ulimit -v 600000; \(Program.rxtune) show --from -)")
    #expect(result.status == 1)
    #expect(result.output.contains("a capture is at most 64 MiB"), "\(result.output)")
  }

  /// Foundation brings ICU's 40 MB, and thousands of conformances that each new type is looked up
  /// among: a quarter of a command's start.
  @Test func isLinkedWithoutFoundation() throws {
    let linked = try Shell.run(
      "grep -aoE 'lib(_?Foundation|swift)[A-Za-z]*\\.so' \(Program.rxtune)")
    let libraries = Set(linked.split(separator: "\n"))
    #expect(libraries.contains("libswiftCore.so"), "the libraries' names are not where they were")
    for library in ["libFoundation.so", "libFoundationInternationalization.so"] {
      #expect(!libraries.contains(Substring(library)))
    }
    #expect(!libraries.contains("lib_FoundationICU.so"))
  }
}

import ArgumentParser
import Commands
import TestSupport
import TestTraits
import Testing

@testable import rxtune_docs

/// Every example that stands anywhere is run: in a namespace with the devices that it names, or,
/// where that cannot be, on a recorded host or through the parser alone, with the reason.
@Suite("Examples", .ownThread) struct ExampleTests {
  enum Proof: Sendable {
    /// Run in a namespace; what it must print, and its exit status.
    case run(says: String = "", status: Int32 = 0)
    /// Run on a recorded host of Tests/Fixtures.
    case recorded(String, says: String)
    case parsed(because: String)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var line: String
    var proof: Proof
    var testDescription: String { line }

    init(_ line: String, _ proof: Proof) {
      self.line = line
      self.proof = proof
    }
  }

  private static let root = GeneratedFilesTests.root

  @Test func eachHasItsProofAndEachProofItsExample() throws {
    let shown = Set(try Examples.all(root: Self.root).map(\.line))
    let proven = Set(Self.rows.map(\.line))
    #expect(proven.count == Self.rows.count, "a line stands twice")
    #expect(shown.subtracting(proven).sorted() == [], "no row says how these are proven")
    #expect(proven.subtracting(shown).sorted() == [], "nothing shows these any more")
  }

  @Test(arguments: rows) func isTakenByTheParser(_ row: Row) throws {
    // A shell splits the words; the function stands for the program, at the end of a pipe, too.
    let words = try Shell.run(
      "rxtune() { for w; do printf '%s\\n' \"$w\"; done; }; ss() { :; }; sudo() { \"$@\"; }; "
        + row.line
    ).split(separator: "\n").map(String.init)
    #expect(throws: Never.self, "\(words)") { _ = try Rxtune.parseAsRoot(words) }
  }

  @Test(
    .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"),
    arguments: rows.filter { if case .run = $0.proof { true } else { false } })
  func doesInANamespaceWhatItSays(_ row: Row) throws {
    guard case .run(let says, let status) = row.proof else { return }
    let result = try NetworkNamespace.run { namespace in
      try namespace.shell(Self.devices)
      return try Shell.result("unshare -m sh -ec '\(Self.workshop)' sh \(Self.quoted(row.line))")
    }
    #expect(result.status == status, "\(result.output)")
    #expect(result.output.contains(says), "\(result.output)")
  }

  @Test(arguments: rows.filter { if case .recorded = $0.proof { true } else { false } })
  func saysOfARecordedHostWhatItSays(_ row: Row) throws {
    guard case .recorded(let capture, let says) = row.proof else { return }
    let result = try Shell.result(
      "PATH=\(Self.binaries):$PATH; \(row.line) --from \(Self.root)/Tests/Fixtures/\(capture).capture"
    )
    #expect(result.status == 0 || result.status == 2, "\(result.output)")
    #expect(result.output.contains(says), "\(result.output)")
    let readme = try Shell.run("cat \(Self.root)/README.md")
    for line in Examples.transcript(of: row.line, in: readme) {
      #expect(result.output.contains(line), "README.md shows another answer")
    }
  }

  /// The devices that examples name: queues with NAPI instances, a peer each.
  private static let devices = """
    for d in eth0 eth1 web0; do
      ip link add $d numrxqueues 4 numtxqueues 4 type veth peer name p$d \
        numrxqueues 4 numtxqueues 4
      ip link set $d up; ip link set p$d up
    done
    ethtool -K eth0 gro on
    """

  /// A folder with the files that examples name, and state and profiles of its own.
  private static let workshop = """
    mkdir -p /run/rxtune /etc/rxtune
    mount -t tmpfs none /run/rxtune
    mount -t tmpfs none /etc/rxtune
    mount -t tmpfs none /mnt
    cd /mnt
    PATH=\(binaries):$PATH
    cp \(root)/Tests/Fixtures/igb.capture db7.capture
    for f in web gro-off; do
      printf "name: %s\\nsummary: s\\nsettings:\\n  features.rx-gro: off\\n" $f > $f.yaml
    done
    case "$1" in
      *node-exporter*)
        mount -t tmpfs none /var/lib
        mkdir -p /var/lib/prometheus/node-exporter ;;
      *night.jsonl) rxtune top eth0 --interval 100ms --count 2 --record night.jsonl >top.jsonl ;;
    esac
    mkdir results before after
    for d in results before after; do
      cp \(root)/Tests/Measured/2-core-vm/crr.jsonl $d/results.jsonl
    done
    eval "$1"
    """

  private static let binaries = Program.rxtune.split(separator: "/").dropLast()
    .reduce(into: "") { $0 += "/" + $1 }

  private static func quoted(_ line: String) -> String {
    "'" + line.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}

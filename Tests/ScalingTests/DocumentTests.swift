import FoundationEssentials
import KernelIO
import TestSupport
import Testing

@testable import Scaling

/// What scripts read of the benchmarks, against the schema that stands beside the sources.
@Suite(
  "bench --json", .serialized,
  .enabled(if: Tool.path != nil && JSONSchemaFile.isUsable, "needs python3-jsonschema"))
struct DocumentTests {
  private let tool = Tool.path ?? ""
  private static let package = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
  private static let recorded = package + "/Tests/ScalingTests/Fixtures/results.jsonl"

  private func expect(_ kind: String, from command: String) throws {
    let result = try JSONSchemaFile.validate(command, is: kind)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test(arguments: [
    "report \(recorded)", "report \(package)/Tests/Measured/2-core-vm/crr.jsonl",
    "report \(package)/Tests/Measured/2-core-vm/udp-rr.jsonl", "compare \(recorded) \(recorded)",
  ])
  func whatFollowsFromResultsIsADocument(arguments: String) throws {
    try expect(Self.kind(arguments), from: "\(tool) bench \(arguments) --json")
  }

  private static func kind(_ arguments: String) -> String {
    arguments.hasPrefix("compare") ? "bench-compare" : "bench-report"
  }

  private struct Load: Decodable {
    struct Counts: Decodable { var transactions, measured: UInt64 }
    struct Latency: Decodable { var count, p50, p9999: UInt64 }
    var rate, seconds: Double
    var counts: Counts
    var latency: Latency
  }

  private struct Served: Decodable {
    struct Worker: Decodable { var accepted, transactions: UInt64 }
    var total: Worker
    var workers: [Worker]
  }

  private func read<Document: Decodable>(_ path: String) throws -> Document {
    try JSONDecoder().decode(Document.self, from: Data(LocalFile.read(path)))
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "namespaces need root"))
  func bothHalvesTellTheSameTransactions() throws {
    let directory = "/tmp/rxtune-document-test-\(MonotonicClock.now())"
    try Shell.run("mkdir \(directory)")
    defer { _ = try? Shell.run("rm -r \(directory)") }
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        cd \(directory)
        \(tool) bench serve --port 7070 --workers 2 --cpus 0 --duration 1.5 --json > served \
          2> /dev/null &
        until ss -Hltn | grep -q :7070; do sleep 0.02; done
        \(tool) bench load 127.0.0.1:7070 --duration 0.5 --warm-up 0.1 --json > load
        wait
        """)
      for (kind, command) in [
        ("bench-serve-ready", "head -n 1 \(directory)/served"),
        ("bench-serve", "tail -n 1 \(directory)/served"),
        ("bench-load", "cat \(directory)/load"),
        (
          "bench-report-joined", "\(tool) bench report \(directory)/served \(directory)/load --json"
        ),
      ] { try expect(kind, from: command) }
      try Shell.run("tail -n 1 \(directory)/served > \(directory)/last")
      let (load, served): (Load, Served) = try (
        read(directory + "/load"), read(directory + "/last")
      )
      #expect(load.counts.transactions > 100)
      #expect(load.counts.measured == load.latency.count)
      #expect(abs(load.rate * load.seconds - Double(load.counts.measured)) < 1)
      #expect(load.latency.p50 <= load.latency.p9999)
      #expect(served.total.transactions == load.counts.transactions)
      #expect(served.workers.map(\.accepted).reduce(0, +) == served.total.accepted)
    }
  }

  @Test func aServerThatServedNobodyIsADocumentAsWell() throws {
    try expect(
      "bench-serve",
      from: "\(tool) bench serve --port 0 --duration 0.1 --json 2> /dev/null | tail -n 1")
  }

  /// Joined files whose figures belong to no one run say so.
  @Test(.enabled(if: NetworkNamespace.isAvailable, "namespaces need root"))
  func loadsOfSeveralHostsAreJoined() throws {
    let directory = "/tmp/rxtune-document-test-\(MonotonicClock.now())"
    try Shell.run("mkdir \(directory)")
    defer { _ = try? Shell.run("rm -r \(directory)") }
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        cd \(directory)
        \(tool) bench serve --port 7070 --json > served 2> /dev/null & server=$!
        until grep -q '"ready"' served; do sleep 0.02; done
        for i in 1 2; do
          \(tool) bench load 127.0.0.1:7070 --duration 0.3 --warm-up 0.1 --json > load$i
        done
        kill -INT $server; wait
        """)
      struct Joined: Decodable {
        struct Latency: Decodable { var count: UInt64 }
        struct Load: Decodable {
          var host: String
          var rate: Double
          var measured: UInt64
          var latency: Latency
        }
        var loads: [Load]
        var rate: Double
        var latency: Latency
        var cautions: [String]
      }
      try Shell.run(
        "cd \(directory) && \(tool) bench report load2 served load1 --json > joined")
      let joined: Joined = try read(directory + "/joined")
      #expect(joined.loads.count == 2 && joined.loads.allSatisfy { !$0.host.isEmpty })
      #expect(joined.latency.count == joined.loads.reduce(0) { $0 + $1.measured })
      #expect(abs(joined.rate - joined.loads.reduce(0) { $0 + $1.rate }) < 1)
      // One ran after the other.
      #expect(joined.cautions.count == 1 && joined.cautions[0].contains("--start-at"))
      let text = try Shell.run("cd \(directory) && \(tool) bench report served load1 load2")
      #expect(text.contains("reuseport served crr") && text.contains("\nall"), "\(text)")
      for files in ["load1 load2", "served served", "served /dev/null"] {
        let refused = try Shell.result("cd \(directory) && \(tool) bench report \(files)")
        #expect(refused.status == 1, "\(refused.output)")
      }
    }
  }

  /// As sd_notify(3) does it: to a socket in the file system, or an abstract one.
  @Test(.enabled(if: JSONSchemaFile.isUsable, "needs python3"), arguments: ["/tmp/NAME", "@NAME"])
  func theServiceManagerIsToldThatItServes(place: String) throws {
    let socket = place.replacing("NAME", with: "rxtune-notify-\(MonotonicClock.now())")
    let script = """
      import os, socket, subprocess, sys
      path, tool = sys.argv[1:3]
      listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      listener.bind("\\0" + path[1:] if path[0] == "@" else path)
      listener.settimeout(60)
      server = subprocess.Popen([tool, "bench", "serve", "--port", "0"], stderr=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, env={"NOTIFY_SOCKET": path})
      print(listener.recv(64).decode())
      server.send_signal(2)
      server.wait()
      if path[0] == "/": os.unlink(path)
      """
    let told = try Shell.result("/usr/bin/python3 -c '\(script)' '\(socket)' '\(tool)'")
    #expect(told.output == "READY=1\n", "\(told.output)")
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "namespaces need root"))
  func aMeasuredBypassIsADocument() throws {
    let directory = "/tmp/rxtune-document-test-\(MonotonicClock.now())"
    defer { _ = try? Shell.run("rm -rf \(directory)") }
    try expect(
      "bench-report",
      from: """
        \(tool) bench bypass --workload udp-rr --backends af-xdp,uring --duration 0.1 \
          --warm-up 0.05 --repeat 1 --max-repeat 1 --out \(directory) --json 2> /dev/null
        """)
  }

  @Test(arguments: [
    "reuseport --modes reuseport --no-locks",
    "compare --profile none --profile throughput --state-dir DIRECTORY/state",
  ])
  func whatWasMeasuredIsADocument(arguments: String) throws {
    let directory = "/tmp/rxtune-document-test-\(MonotonicClock.now())"
    try Shell.run("mkdir \(directory)")
    defer { _ = try? Shell.run("rm -r \(directory)") }
    let arguments = arguments.split(separator: "DIRECTORY", omittingEmptySubsequences: false)
      .joined(separator: directory)
    let network = NetworkNamespace.isAvailable ? "--netns" : "--no-netns"
    try expect(
      Self.kind(arguments),
      from: """
        \(tool) bench \(arguments) --workers 1 --duration 0.1 --warm-up 0.05 --repeat 3 \
          --max-repeat 3 \(network) --out \(directory)/out --json 2> \(directory)/errors
        """)
    #expect(try ResultsFile.read(directory + "/out").runs.count >= 3)
  }
}

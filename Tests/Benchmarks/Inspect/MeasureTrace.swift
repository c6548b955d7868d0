import BenchmarkStatistics
import Glibc
import Scaling
import TestSupport

/// What following packets costs those who are followed: a server and its load over loopback, with
/// `rxtune trace` and without, pair by pair; beside it what the kernel counts of the programs.
func measureTrace(_ rxtune: String) throws {
  try NetworkNamespace.run { namespace in
    print("")
    print("rxtune trace lo, traced over untraced, 95 % intervals of \(TracedLoad.pairs) pairs:")
    for workload in [Workload.rr, .udpRR] {
      let load = try TracedLoad(rxtune, workload, namespace)
      defer { load.end() }
      let runs = try (0..<TracedLoad.pairs).map { pair in
        // What drifts falls on both alike.
        let first = try load.run(traced: pair % 2 == 0)
        let second = try load.run(traced: pair % 2 != 0)
        return pair % 2 == 0 ? (traced: first, plain: second) : (traced: second, plain: first)
      }
      func ratio(_ figure: (TracedLoad.Run) -> Double) -> String {
        Interval.pairedMedianRatio(runs.map { (figure($0.traced), figure($0.plain)) }).map {
          "\(Format.fixed($0.estimate, 2)) [\(Format.fixed($0.low, 2))–\(Format.fixed($0.high, 2))]"
        } ?? "unknown"
      }
      let more = Samples(runs.map { ($0.traced.cost - $0.plain.cost) * 1e6 })
      print(
        "  \(workload.rawValue): CPU per transaction \(ratio(\.cost)), rate \(ratio(\.rate)); "
          + "\(more.text()) µs more, of \(Samples(runs.map { $0.plain.cost * 1e6 }).text())")
      print("    as the trace says itself: \(try load.ownWords())")
    }
  }
}

/// A server over loopback, and load for it.
private struct TracedLoad {
  static let pairs = 10
  private static let port = 9000

  private let rxtune: String
  private let workload: Workload
  private let namespace: NetworkNamespace
  private let server: String

  struct Run {
    /// Seconds of CPU a transaction, server and load.
    var cost: Double
    /// Transactions a second.
    var rate: Double
  }

  init(_ rxtune: String, _ workload: Workload, _ namespace: NetworkNamespace) throws {
    self.rxtune = rxtune
    self.workload = workload
    self.namespace = namespace
    let started = try namespace.shell(
      """
      '\(rxtune)' bench serve --port \(Self.port) --workload \(workload.rawValue) >/dev/null 2>&1 &
      echo $!; sleep 0.5
      """)
    server = String(started.prefix { $0 != "\n" })
  }

  func end() { _ = try? namespace.shell("kill -KILL \(server)") }

  func run(traced: Bool) throws -> Run {
    let trace = traced ? try begin(seconds: 60) : nil
    defer { if let trace { _ = try? namespace.shell("kill -KILL \(trace)") } }
    let before = try serverTime()
    let load = Child.run(
      [
        rxtune, "bench", "load", "127.0.0.1:\(Self.port)", "--workload", workload.rawValue,
        "--connections", "8", "--duration", "1s", "--warm-up", "0", "--json",
      ], output: Self.output)
    let served = try serverTime() - before
    let done = try namespace.shell("grep -m 1 '\"measured\"' \(Self.output) | tr -dc 0-9")
    let rate = try namespace.shell("grep -m 1 '\"rate\"' \(Self.output) | tr -dc 0-9.")
    guard load.status == 0, let transactions = Double(done), let rate = Double(rate),
      transactions > 0
    else { throw Broken("bench load failed") }
    return Run(cost: (served + load.processor) / transactions, rate: rate)
  }

  /// The line of a trace about its own cost, under the same load.
  func ownWords() throws -> String {
    let trace = try begin(seconds: 2, to: Self.output)
    _ = Child.run([
      rxtune, "bench", "load", "127.0.0.1:\(Self.port)", "--workload", workload.rawValue,
      "--connections", "8", "--duration", "3s",
    ])
    let words = try namespace.shell(
      """
      while [ -d /proc/\(trace) ]; do sleep 0.1; done
      grep ' received' \(Self.output); grep '^cost' \(Self.output)
      """)
    return words.split(separator: "\n").joined(separator: "; ")
  }

  private static let output = "/tmp/rxtune-bench-trace-\(getpid())"

  /// Returns the process that traces, once it has attached all its programs.
  private func begin(seconds: Int, to output: String = "/dev/null") throws -> String {
    let started = try namespace.shell(
      """
      '\(rxtune)' trace lo --port \(Self.port) --for \(seconds)s >\(output) 2>/dev/null & echo $!
      before=-1; links=0
      until [ $links -gt 0 ] && [ $links = $before ]; do
        sleep 0.1; before=$links; links=$(ls -l /proc/$!/fd | grep -c bpf)
      done
      """)
    return String(started.prefix { $0 != "\n" })
  }

  /// Seconds of CPU that the server has used.
  private func serverTime() throws -> Double {
    let ticks = try namespace.shell("awk '{ print $14 + $15 }' /proc/\(server)/stat")
    guard let ticks = Double(ticks.prefix { $0 != "\n" }) else { throw Broken("the server ended") }
    return ticks / 100
  }
}

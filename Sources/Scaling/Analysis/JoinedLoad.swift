import KernelIO
import Notation

/// One server and the hosts that loaded it together, from what `bench serve --json` and
/// `bench load --json` printed.
package struct JoinedLoad: Sendable {
  package struct Served: Sendable {
    package var host: String
    /// Listener mode, or packet backend.
    package var mode: String
    package var workload: String
    package var start: Double
    package var seconds: Double
    package var transactions: UInt64
    package var warnings: [String]
  }

  package struct Loaded: Sendable {
    package var host: String
    package var start: Double
    package var seconds: Double
    package var rate: Double
    package var transactions: UInt64
    package var measured: UInt64
    package var latency: LatencySummary?
    package var warnings: [String]
  }

  package let server: Served
  package let loads: [Loaded]
  /// Of all loads.
  package let buckets: LatencyBuckets
  /// Why the figures of all are not what they look like.
  package let cautions: [String]

  /// The sum of the loads': what the server carried where they ran together.
  package var rate: Double { loads.reduce(0) { $0 + $1.rate } }
  package var latency: LatencySummary? { buckets.summary }

  /// - Parameter files: one of `bench serve --json`, and of `bench load --json` one or more, in any
  ///   order.
  package init(_ files: [String]) throws(BenchError) {
    var servers: [(file: String, document: ServerDocument)] = []
    var loads: [LoadDocument] = []
    for file in files {
      let bytes: [UInt8]
      do { bytes = try LocalFile.read(file, as: .results) } catch { throw BenchError("\(error)") }
      do {
        let json = try Self.document(bytes)
        if json["counts"] != nil {
          loads.append(try json.decode())
        } else {
          servers.append((file, try json.decode()))
        }
      } catch {
        throw BenchError(
          "\(file) is not what bench serve --json or bench load --json prints: "
            + DecodingError.reason(error))
      }
    }
    guard let first = servers.first, servers.count == 1, !loads.isEmpty else {
      throw BenchError(
        "\(Format.count(servers.count, "server")) and \(Format.count(loads.count, "load")) are no "
          + "run: name one file of bench serve --json, and those of the loads on it")
    }
    server = first.document.served
    self.loads = loads.map(\.loaded)
    buckets = loads.reduce(LatencyBuckets()) { $0 + ($1.latency?.histogram ?? LatencyBuckets()) }
    cautions = Self.cautions(server, loads)
  }

  /// The last document of a file: a server announces itself in a line before it.
  private static func document(_ bytes: [UInt8]) throws(JSONError) -> JSON {
    do { return try JSON(parsing: bytes[...]) } catch {
      guard let last = bytes.split(separator: UInt8(ascii: "\n")).last else { throw error }
      // Where neither is one, the error is that of the whole.
      do { return try JSON(parsing: last) } catch _ { throw error }
    }
  }

  private static func cautions(_ server: Served, _ loads: [LoadDocument]) -> [String] {
    var cautions: [String] = []
    if let other = loads.first(where: { $0.workload != server.workload }) {
      cautions.append(
        "\(other.rxtune.host) loaded with \(other.workload), and the server serves "
          + server.workload)
    }
    let begun = loads.map(\.start).max() ?? 0
    let ended = loads.map { $0.start + $0.seconds }.min() ?? 0
    let shortest = loads.map(\.seconds).min() ?? 0
    if ended - begun < 0.9 * shortest {
      let shared = max(0, ended - begun)
      cautions.append(
        "the loads ran together for \(Format.fixed(shared, 1)) s of "
          + "\(Format.fixed(shortest, 1)) s: the rates do not add up; use --start-at")
    }
    let done = loads.reduce(0) { $0 &+ $1.counts.transactions }
    if server.transactions < done {
      cautions.append(
        "the server answered \(server.transactions) transactions, and the loads count \(done): "
          + "another server answered as well")
    }
    return cautions
  }
}

// MARK: - What is read of the documents

private struct EnvelopeDocument: Decodable { var host: String }

private struct WarningDocument: Decodable {
  var code: String
  var detail: String
  var text: String { detail.isEmpty ? code : "\(code): \(detail)" }
}

private struct ServerDocument: Decodable {
  struct Facts: Decodable { var backend: String }
  struct Total: Decodable { var transactions: UInt64 }
  var rxtune: EnvelopeDocument
  var mode: String?
  var facts: Facts?
  var workload: String
  var start: Double
  var seconds: Double
  var total: Total
  var warnings: [WarningDocument]

  var served: JoinedLoad.Served {
    JoinedLoad.Served(
      host: rxtune.host, mode: mode ?? facts?.backend ?? "", workload: workload, start: start,
      seconds: seconds, transactions: total.transactions, warnings: warnings.map(\.text))
  }
}

private struct LoadDocument: Decodable {
  struct Counts: Decodable { var transactions, measured: UInt64 }
  struct Latency: Decodable { var histogram: LatencyBuckets }
  var rxtune: EnvelopeDocument
  var workload: String
  var start: Double
  var seconds: Double
  var rate: Double
  var counts: Counts
  var latency: Latency?
  var warnings: [WarningDocument]

  var loaded: JoinedLoad.Loaded {
    JoinedLoad.Loaded(
      host: rxtune.host, start: start, seconds: seconds, rate: rate,
      transactions: counts.transactions, measured: counts.measured,
      latency: latency?.histogram.summary, warnings: warnings.map(\.text))
  }
}

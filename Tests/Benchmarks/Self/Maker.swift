import KernelIO
import Scaling

/// CPU of a process, µs a transaction.
struct Cost {
  var user = 0.0
  var system = 0.0
  var total: Double { user + system }

  static func + (left: Cost, right: Cost) -> Cost {
    Cost(user: left.user + right.user, system: left.system + right.system)
  }
}

/// Who made a server or a load generator, and how one is started and read.
enum Maker {
  /// `respond`: a file that its server answers with, whatever it is asked.
  case rxtune(String, requestBytes: Int = 64, responseBytes: Int = 64, respond: String? = nil)
  case reference(String)
  /// The directory of its programs.
  case neper(String)
  case wrk(String)

  static let connections = 32
  /// Seconds that a run takes before it counts, in all but wrk, which counts from the first.
  static let warmUp = 0.2

  static func neperProgram(_ workload: Workload) -> String {
    workload == .crr ? "tcp_crr" : workload == .rr ? "tcp_rr" : "udp_rr"
  }

  /// One server for wrk, which speaks HTTP, and one of the same sizes for rxtune's own load, which
  /// wants its numbers back: they do the same work.
  static func http(_ path: String) throws -> (forWrk: Maker, own: Maker) {
    let body = "abcdefghijklmnopqrstuvwxyz"
    let response = Array(
      "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    // What wrk sends: the port is always of five digits.
    let request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:20000\r\n\r\n".utf8.count
    let file = path + "-response.http"
    try LocalFile.write(file, response)
    func server(_ respond: String?) -> Maker {
      .rxtune(path, requestBytes: request, responseBytes: response.count, respond: respond)
    }
    return (server(file), server(nil))
  }

  /// neper's two halves speak over a port of their own first, and its server ends by itself.
  func firstPort(_ port: Int) -> Int { isStopped ? port : port + 1 }
  func listensTCP(_ workload: Workload) -> Bool { isStopped ? workload.isStream : true }
  /// The server serves until it is told that the load is done.
  var isStopped: Bool {
    if case .neper = self { false } else { true }
  }

  func server(_ workload: Workload, port: Int, seconds: Double) -> [String] {
    switch self {
    case .rxtune(let path, let request, let response, let respond):
      [
        path, "bench", "serve", "--mode", "reuseport", "--workload", workload.rawValue, "--cpus",
        "0", "--port", "\(port)", "--request-bytes", "\(request)", "--response-bytes",
        "\(response)",
      ] + (respond.map { ["--respond", $0] } ?? [])
    case .reference(let path):
      [path, "serve", workload.rawValue, "\(port)", "1", "0", "\(seconds + 10)"]
    case .neper(let directory): Self.neper(directory, workload, port, seconds)
    case .wrk: []
    }
  }

  func load(_ workload: Workload, port: Int, seconds: Double) -> [String] {
    switch self {
    case .rxtune(let path, let request, let response, _):
      [
        path, "bench", "load", "127.0.0.1:\(port)", "--workload", workload.rawValue, "--cpus", "1",
        "--connections", "\(Self.connections)", "--warm-up", "\(Self.warmUp)", "--duration",
        "\(seconds - Self.warmUp)", "--request-bytes", "\(request)", "--response-bytes",
        "\(response)",
      ]
    case .reference(let path):
      [
        path, "load", workload.rawValue, "\(port)", "1", "1", "\(seconds)", "\(Self.connections)",
        "\(Self.warmUp)",
      ]
    case .neper(let directory):
      Self.neper(directory, workload, port, seconds) + ["-c", "-H", "127.0.0.1"]
    case .wrk(let directory):
      [
        "\(directory)/wrk", "-t1", "-c\(Self.connections)", "-d\(Int(seconds.rounded(.up)))",
        "http://127.0.0.1:\(port)/",
      ]
    }
  }

  private static func neper(
    _ directory: String, _ workload: Workload, _ port: Int, _ seconds: Double
  ) -> [String] {
    [
      "\(directory)/\(neperProgram(workload))", "-F", "\(connections)", "-T", "1", "-Q", "64",
      "-R", "64", "-l", "\(Int(seconds.rounded(.up)))", "-I", "\(warmUp)", "-P", "\(port)", "-C",
      "\(port + 1)", "--nolog",
    ] + (workload.isStream ? ["--listen-backlog", "4096"] : [])
  }

  /// As rxtune and the reference say it themselves, without their start; else over the whole life,
  /// which for programs in C starts in no time.
  func cost(_ ending: Program.Ending, transactions: Double) -> Cost {
    let each = 1e6 / transactions
    switch self {
    case .rxtune:
      // "CPU a transaction: 0.512 µs user, 12.345 µs system"
      let line = ending.output.split(separator: "\n").first { $0.hasPrefix("CPU ") }
      let words = line?.split(separator: " ") ?? []
      if words.count == 8, let user = Double(words[3]), let system = Double(words[6]) {
        return Cost(user: user, system: system)
      }
    case .reference:
      // Transactions, their rate, seconds user, seconds system, failures.
      let words = ending.output.split { $0 == " " || $0 == "\n" }
      if words.count == 5, let user = Double(words[2]), let system = Double(words[3]) {
        return Cost(user: user * each, system: system * each)
      }
    case .neper, .wrk: break
    }
    return Cost(user: ending.user * each, system: ending.system * each)
  }

  /// Transactions a second, and how many in all, from what the load generator printed.
  func reading(_ output: String) -> (rate: Double, transactions: Double)? {
    let words = output.split { $0 == " " || $0 == "\n" }
    func value(after key: String, _ separator: Character) -> Double? {
      output.split(separator: "\n").first { $0.hasPrefix(key) }?
        .split(separator: separator).last.flatMap { Double($0.filter { $0 != " " }) }
    }
    switch self {
    case .rxtune:
      // "31234 transactions/s over 1.5 s"; the total is that of the warm-up as well.
      guard let rate = words.first.flatMap({ Double($0) }), words.count > 3,
        let seconds = Double(words[3])
      else { return nil }
      return (rate, rate * (seconds + Self.warmUp))
    case .reference:
      guard words.count >= 2, let total = Double(words[0]), let rate = Double(words[1]) else {
        return nil
      }
      return (rate, total)
    case .neper:
      guard let rate = value(after: "throughput=", "="),
        let total = value(after: "num_transactions=", "=")
      else { return nil }
      return (rate, total)
    case .wrk:
      // "  31234 requests in 1.10s, 2.04MB read", "Requests/sec:  28394.55"
      guard let rate = value(after: "Requests/sec:", ":"),
        let at = words.firstIndex(of: "requests"), at > 0, let total = Double(words[at - 1])
      else { return nil }
      return (rate, total)
    }
  }
}

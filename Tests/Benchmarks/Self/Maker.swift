import KernelIO
import Scaling

/// Who made a server or a load generator, and how one is started.
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
        "\(response)", "--json",
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
        "\(response)", "--json",
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
}

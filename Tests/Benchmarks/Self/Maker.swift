import Scaling

/// Who made a server or a load generator, and how one is started and read.
enum Maker {
  case rxtune(String)
  case reference(String)
  /// The directory of its programs.
  case neper(String)

  static let connections = 32
  /// What a run takes before it counts, in all of them.
  static let warmUp = 0.5

  func server(_ workload: Workload, port: Int, seconds: Double) -> [String] {
    switch self {
    case .rxtune(let path):
      [
        path, "bench", "serve", "--mode", "reuseport", "--workload", workload.rawValue, "--cpus",
        "0", "--port", "\(port)", "--duration", "\(seconds + 0.3)",
      ]
    case .reference(let path):
      [path, "serve", workload.rawValue, "\(port)", "1", "0", "\(seconds + 0.3)"]
    case .neper(let directory): Self.neper(directory, workload, port, seconds)
    }
  }

  func load(_ workload: Workload, port: Int, seconds: Double) -> [String] {
    switch self {
    case .rxtune(let path):
      [
        path, "bench", "load", "127.0.0.1:\(port)", "--workload", workload.rawValue, "--cpus", "1",
        "--connections", "\(Self.connections)", "--warm-up", "\(Self.warmUp)", "--duration",
        "\(seconds - Self.warmUp)",
      ]
    case .reference(let path):
      [path, "load", workload.rawValue, "\(port)", "1", "1", "\(seconds)", "\(Self.connections)"]
    case .neper(let directory):
      Self.neper(directory, workload, port, seconds) + ["-c", "-H", "127.0.0.1"]
    }
  }

  private static func neper(
    _ directory: String, _ workload: Workload, _ port: Int, _ seconds: Double
  ) -> [String] {
    let program = workload == .crr ? "tcp_crr" : workload == .rr ? "tcp_rr" : "udp_rr"
    return [
      "\(directory)/\(program)", "-F", "\(connections)", "-T", "1", "-Q", "64", "-R", "64", "-l",
      "\(Int(seconds.rounded(.up)))", "-P", "\(port)", "-C", "\(port + 1)", "--nolog",
    ] + (workload.isStream ? ["--listen-backlog", "4096"] : [])
  }

  /// µs of a server's CPU in user mode a transaction: as it says itself, of when it served; else
  /// over its whole life, which for C's starts in no time.
  func serverUser(_ ending: Program.Ending, transactions: Double) -> Double {
    if case .rxtune = self,
      let line = ending.output.split(separator: "\n").first(where: { $0.hasPrefix("CPU ") }),
      let value = line.split(separator: " ").dropFirst(3).first.flatMap({ Double($0) })
    {
      return value
    }
    return ending.user * 1e6 / transactions
  }

  /// Transactions a second, and how many in all, from what the load generator printed.
  func reading(_ output: String) -> (rate: Double, transactions: Double)? {
    let words = output.split { $0 == " " || $0 == "\n" }
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
      func value(_ key: String) -> Double? {
        output.split(separator: "\n").first { $0.hasPrefix(key + "=") }
          .flatMap { Double($0.dropFirst(key.count + 1)) }
      }
      guard let rate = value("throughput"), let total = value("num_transactions") else {
        return nil
      }
      return (rate, total)
    }
  }
}

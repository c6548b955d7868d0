import Glibc
import Scaling
import TestSupport

/// Instructions in user mode that one half spends on a transaction, counted by callgrind inside of
/// the half's loop: the same on a busy machine as on a quiet one, where CPU time in user mode is a
/// guess from few clock ticks.
enum Instructions {
  enum Half: String, CaseIterable { case server, load }

  /// What each half may spend of C's.
  private static let most = 1.2

  /// false where one of rxtune's halves takes too many.
  static func compare(_ workload: Workload, _ rxtune: String, _ reference: String) throws -> Bool {
    guard Shell.has("valgrind") else {
      print("\(workload.rawValue): valgrind is not on the PATH, instructions not counted\n")
      return true
    }
    // Valgrind cannot read how Swift describes its sources.
    let bare = rxtune + "-bare"
    try Shell.run("strip -g -o '\(bare)' '\(rxtune)'")
    // What is on the other side is never counted, and tells the transactions.
    let others: [Half: Maker] = [.server: .reference(reference), .load: .rxtune(rxtune)]
    var isMet = true
    for half in Half.allCases {
      guard let other = others[half] else { continue }
      let ours = try count(half, .rxtune(bare), other, workload)
      let plain = try count(half, .reference(reference), other, workload)
      let met = ours <= most * plain
      isMet = isMet && met
      print(
        "\(workload.rawValue), \(half.rawValue), instructions in user mode a transaction: "
          + "\(Format.fixed(ours, 0)), C's \(Format.fixed(plain, 0)): "
          + "\(Format.fixed(ours / plain, 2))×  (goal ≤ \(Format.fixed(most, 2))"
          + "\(met ? "" : ": MISSED"))")
    }
    print("")
    return isMet
  }

  private static func count(_ half: Half, _ counted: Maker, _ other: Maker, _ workload: Workload)
    throws -> Double
  {
    let port = 10_000 + Int(getpid()) % 10_000
    let seconds = 2.0
    let counting = [
      "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-fd=1",
      "--toggle-collect=\(counted.loop(of: half))",
    ]
    let (server, load) = half == .server ? (counted, other) : (other, counted)
    let serving = try Program(
      (half == .server ? counting : [])
        + server.server(workload, port: port, seconds: 60), cpu: 0)
    try Duel.waitForListener(port, isStream: workload.isStream)
    let loading = try Program(
      (half == .load ? counting : []) + load.load(workload, port: port, seconds: seconds), cpu: 1
    ).finish()
    serving.signal(SIGTERM)
    let served = serving.finish()
    let output = half == .server ? served.output : loading.output
    let collected = output.split(separator: "\n").first { $0.contains("Collected : ") }
    let transactions =
      try half == .server
      ? load.loaded(loading).transactions : server.served(served, transactions: 0).transactions
    guard let instructions = collected?.split(separator: " ").last.flatMap({ Double($0) }),
      instructions > 0, transactions > 1000
    else { throw Broken("callgrind: \(output) \(transactions)") }
    return instructions / transactions
  }
}

extension Maker {
  /// The function that runs as long as the half does, as callgrind knows it.
  fileprivate func loop(of half: Instructions.Half) -> String {
    switch (self, half) {
    case (.rxtune, .server): "$s7Scaling9EpollLoopO3run*"
    case (.rxtune, .load): "$s7Scaling10LoadThreadV3run*"
    case (_, .server): "serve"
    case (_, .load): "load"
    }
  }
}

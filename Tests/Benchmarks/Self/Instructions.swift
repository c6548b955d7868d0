import Glibc
import Scaling
import TestSupport

/// Instructions in user mode that a server spends on a transaction, counted by callgrind: the same
/// on a busy machine as on a quiet one, where CPU time in user mode is a guess from few clock ticks.
enum Instructions {
  /// false where rxtune's server takes more than 1.2 times the reference's.
  static func compare(_ workload: Workload, _ rxtune: String, _ reference: String) throws -> Bool {
    guard Shell.has("valgrind") else {
      print("\(workload.rawValue): valgrind is not on the PATH, instructions not counted\n")
      return true
    }
    // Valgrind cannot read how Swift describes its sources.
    let bare = rxtune + "-bare"
    try Shell.run("strip -g -o '\(bare)' '\(rxtune)'")
    let ours = try count(.rxtune(bare), .reference(reference), workload)
    let plain = try count(.reference(reference), .reference(reference), workload)
    let isMet = ours <= 1.2 * plain
    print(
      "\(workload.rawValue), server, instructions in user mode a transaction: "
        + "\(Format.fixed(ours, 0)), C's \(Format.fixed(plain, 0)): "
        + "\(Format.fixed(ours / plain, 2))×  (goal ≤ 1.20\(isMet ? "" : ": MISSED"))\n")
    return isMet
  }

  /// What starting and ending takes falls out of the difference of a long run and a short one.
  private static func count(_ server: Maker, _ load: Maker, _ workload: Workload) throws -> Double {
    let short = try run(server, load, workload, seconds: 0.4)
    let long = try run(server, load, workload, seconds: 2)
    guard long.transactions > short.transactions else {
      throw Broken("callgrind: no more transactions in the long run than in the short one")
    }
    return (long.instructions - short.instructions) / (long.transactions - short.transactions)
  }

  private static func run(_ server: Maker, _ load: Maker, _ workload: Workload, seconds: Double)
    throws -> (instructions: Double, transactions: Double)
  {
    let port = 10_000 + Int(getpid()) % 10_000
    let counting = [
      "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-fd=1",
    ]
    let process = try Program(
      counting + server.server(workload, port: port, seconds: 60), cpu: 0)
    try Duel.waitForListener(port, isStream: workload.isStream)
    let loading = try Program(load.load(workload, port: port, seconds: seconds), cpu: 1).finish()
    process.signal(SIGTERM)
    let output = process.finish().output
    let collected = output.split(separator: "\n").first { $0.contains("Collected : ") }
    guard let instructions = collected?.split(separator: " ").last.flatMap({ Double($0) }),
      let reading = load.reading(loading.output)
    else { throw Broken("callgrind: \(output) \(loading.output)") }
    return (instructions, reading.transactions)
  }
}

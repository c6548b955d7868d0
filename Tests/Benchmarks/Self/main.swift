// rxtune's own server and load generator against the same in plain C, and against neper and wrk
// where they are on the PATH: paired and interleaved, server on CPU 0, load on CPU 1, over loopback;
// and where valgrind is, the servers' instructions.

import Glibc
import Scaling

guard CommandLine.arguments.count >= 3,
  let rounds = Int(CommandLine.arguments.dropFirst(3).first ?? "12"), rounds >= 6
else {
  print("usage: rxtune-bench-self RXTUNE REFERENCE [ROUNDS [SECONDS]]")
  exit(64)
}
let seconds = CommandLine.arguments.dropFirst(4).first.flatMap { Double($0) } ?? 1
let ours = Maker.rxtune(CommandLine.arguments[1])
let reference = Maker.reference(CommandLine.arguments[2])
let duel = Duel(rounds: rounds, seconds: seconds)
do {
  var isMet = try HotLoops.check(CommandLine.arguments[1])
  for workload in [Workload.crr, .rr] {
    isMet =
      try Instructions.compare(workload, CommandLine.arguments[1], CommandLine.arguments[2])
      && isMet
  }
  for workload in [Workload.crr, .rr, .udpRR] {
    isMet = try duel.run(workload, ours, reference) && isMet
    fflush(nil)
  }
  exit(isMet ? 0 : 1)
} catch {
  print(error)
  exit(1)
}

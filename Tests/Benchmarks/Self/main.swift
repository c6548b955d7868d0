// rxtune's own server and load generator against the same in plain C, and against neper and wrk
// where they are on the PATH: paired and interleaved, server on CPU 0, load on CPU 1, over loopback;
// and where valgrind is, the servers' instructions. Or its packet servers against a loop in C, what XDP
// delivers, and the kernel's sockets.

import Glibc
import Scaling

let ofPackets = CommandLine.arguments.dropFirst().first == "packets"
let words = Array(CommandLine.arguments.dropFirst(ofPackets ? 2 : 1))
guard words.count >= 2, let rounds = Int(words.dropFirst(2).first ?? "12"), rounds >= 6 else {
  print("usage: rxtune-bench-self [packets] RXTUNE REFERENCE [ROUNDS [SECONDS]]")
  exit(64)
}
let seconds = words.dropFirst(3).first.flatMap { Double($0) } ?? 1
let ours = Maker.rxtune(words[0])
let reference = Maker.reference(words[1])
let duel = Duel(rounds: rounds, seconds: seconds)
do {
  if ofPackets {
    let duel = PacketDuel(
      rounds: rounds, seconds: seconds, rxtune: words[0], reference: words[1])
    exit(try duel.run() ? 0 : 1)
  }
  var isMet = try HotLoops.check(words[0])
  for workload in [Workload.crr, .rr] {
    isMet =
      try Instructions.compare(workload, words[0], words[1])
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

import TestSupport

/// Looks in the disassembly for what must not be in a loop that runs for each transaction.
enum HotLoops {
  /// Mangled beginnings of the functions that the loops are made of.
  private static let functions = [
    "9EpollLoopO", "8AcceptorO", "12SharedAcceptO", "12DatagramLoopO", "5UringO4Loop", "6WorkerV",
    "10WorkerRingV7advance", "10LoadThreadV3run", "10LoadThreadV7proceed",
    "10LoadThreadV8complete", "10LoadThreadV11receivePart", "10LoadThreadV5drain",
  ].map { "<$s7Scaling" + $0 }

  private static let forbidden = [
    "swift_retain", "swift_release", "swift_alloc", "swift_bridgeObject", "swift_beginAccess",
    "<malloc", "<calloc", "<free@",
  ]

  /// false where a loop calls what it must not.
  static func check(_ binary: String) throws -> Bool {
    let listing = try Shell.run("objdump -d --no-show-raw-insn '\(binary)'")
    var looked = 0
    var calls: [String] = []
    var function: Substring?
    for line in listing.split(separator: "\n") {
      if line.hasSuffix(">:") {
        function = functions.contains { line.contains($0) } ? line : nil
        if function != nil { looked += 1 }
      } else if let function, line.contains("call"),
        forbidden.contains(where: { line.contains($0) })
      {
        calls.append("  \(function) \(line)")
      }
    }
    guard looked >= 6 else { throw Broken("\(binary): its hot loops have no symbols") }
    print(
      "hot loops: \(calls.count) calls in \(looked) functions that allocate or count references")
    for call in calls { print(call) }
    print("")
    return calls.isEmpty
  }
}

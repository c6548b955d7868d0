import TestSupport

/// Looks in the disassembly for what must not be in a loop that runs for each transaction.
enum HotLoops {
  /// Mangled beginnings of the functions that the loops are made of.
  private static let functions = [
    "9EpollLoopO", "8AcceptorO", "12SharedAcceptO", "12DatagramLoopO", "5UringO4Loop",
    "6WorkerV9servePart", "6WorkerV9sentShort", "6WorkerV6resume", "6WorkerV14sampleLocality",
    "10LoadThreadV3run", "10LoadThreadV7proceed", "10LoadThreadV8complete",
    "10LoadThreadV11receivePart", "10LoadThreadV5drain", "10LoadThreadV4open",
  ].map { "<$s7Scaling" + $0 }

  private static let forbidden = [
    "swift_retain", "swift_release", "swift_alloc", "swift_bridgeObject", "swift_beginAccess",
    "<malloc", "<calloc", "<free@",
  ]

  /// false where a loop calls what it must not.
  static func check(_ binary: String) throws -> Bool {
    let listing = try Shell.run("objdump -d --no-show-raw-insn '\(binary)'")
    var looked = 0
    var missing = Set(functions)
    var calls: [String] = []
    var function: Substring?
    for line in listing.split(separator: "\n") {
      if line.hasSuffix(">:") {
        function = nil
        if let named = functions.first(where: { line.contains($0) }) {
          function = line
          looked += 1
          missing.remove(named)
        }
      } else if let function, line.contains("call"),
        forbidden.contains(where: { line.contains($0) })
      {
        calls.append("  \(function) \(line)")
      }
    }
    guard missing.isEmpty else { throw Broken("\(binary) has no symbols \(missing.sorted())") }
    print(
      "hot loops: \(calls.count) calls in \(looked) functions that allocate or count references")
    for call in calls { print(call) }
    print("")
    return calls.isEmpty
  }
}

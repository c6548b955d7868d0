import TestSupport

/// Looks in the disassembly for what must not be in a loop that runs for each transaction.
enum HotLoops {
  /// Mangled beginnings of the functions that the loops are made of.
  private static let functions = [
    "9EpollLoopO", "8AcceptorO", "12SharedAcceptO", "12DatagramLoopO", "10PacketLoopO",
    "5UringO4Loop",
    "6WorkerV9servePart", "6WorkerV9sentShort", "6WorkerV6resume", "6WorkerV14sampleLocality",
    "10LoadThreadV3run", "10LoadThreadV7proceed", "10LoadThreadV8complete",
    "10LoadThreadV11receivePart", "10LoadThreadV5drain", "10LoadThreadV4open",
    "10LoadThreadV10sendOneWay",
  ].map { "<$s7Scaling" + $0 }

  private static let forbidden = [
    "swift_retain", "swift_release", "swift_alloc", "swift_bridgeObject", "swift_beginAccess",
    "<malloc", "<calloc", "<free@",
  ]

  /// false where a loop calls what it must not.
  static func check(_ binary: String) throws -> Bool {
    let listing = try Shell.run("objdump -d --no-show-raw-insn '\(binary)'")
    let ends = try self.ends(binary)
    var looked = 0
    var missing = Set(functions)
    var calls: [String] = []
    var function: (name: Substring, end: UInt64)?
    for line in listing.split(separator: "\n") {
      if line.hasSuffix(">:") {
        function = nil
        if let named = functions.first(where: { line.contains($0) }) {
          let start = line.prefix { $0 != " " }
          function = (line, UInt64(start, radix: 16).flatMap { ends[$0] } ?? .max)
          looked += 1
          missing.remove(named)
        }
      } else if let function, line.contains("call"),
        forbidden.contains(where: { line.contains($0) })
      {
        // What has no symbol of its own stands behind a function that has.
        let place = line.drop { $0 == " " }.prefix { $0 != ":" }
        if UInt64(place, radix: 16).map({ $0 < function.end }) ?? true {
          calls.append("  \(function.name) \(line)")
        }
      }
    }
    guard missing.isEmpty else { throw Broken("\(binary) has no symbols \(missing.sorted())") }
    print(
      "hot loops: \(calls.count) calls in \(looked) functions that allocate or count references")
    for call in calls { print(call) }
    print("")
    return calls.isEmpty
  }

  /// Where functions end, by where they begin.
  private static func ends(_ binary: String) throws -> [UInt64: UInt64] {
    var ends: [UInt64: UInt64] = [:]
    for line in try Shell.run("nm -S '\(binary)'").split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 4, let start = UInt64(words[0], radix: 16),
        let size = UInt64(words[1], radix: 16)
      {
        ends[start] = start &+ size
      }
    }
    return ends
  }
}

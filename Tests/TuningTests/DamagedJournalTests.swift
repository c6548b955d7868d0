import Foundation
import KernelIO
import TestSupport
import TestTraits
import Testing

@testable import Tuning

/// A journal that cannot be read is named, and the others serve all the same.
@Suite(
  .ownThread, .enabled(if: NetworkNamespace.isAvailable, "needs root for a network namespace"))
struct DamagedJournalTests {
  enum Damage: String, CaseIterable, Sendable {
    case truncated, empty, garbage, flipped, ofAnotherVersion, copied, directory, pipe

    /// What is said of it.
    var reason: String {
      switch self {
      case .truncated: "cut off before its end"
      case .empty, .garbage: "not an rxtune journal"
      case .flipped: "its checksum does not fit"
      case .ofAnotherVersion: "written by another version of rxtune (form 99"
      case .copied: "it is the journal of another change"
      case .directory: "EISDIR"
      case .pipe: "not a regular file"
      }
    }

    func strike(_ path: String, other: String) throws {
      let files = FileManager.default
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      switch self {
      case .truncated:
        let lines = bytes.split(separator: 0x0a)
        bytes = Array(lines.prefix(8).joined(separator: [0x0a])) + [0x0a]
      case .empty: bytes = []
      case .garbage: bytes = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 167) }
      case .flipped:
        let end = try #require(bytes.firstIndex(of: 0x0a))
        bytes[end + 4] ^= 0x20
      case .ofAnotherVersion:
        bytes = Array(JournalText.line(["rxtune-journal", "99"]).utf8)
      case .copied: bytes = [UInt8](try Data(contentsOf: URL(filePath: other)))
      case .directory:
        try files.removeItem(atPath: path)
        return try files.createDirectory(atPath: path, withIntermediateDirectories: false)
      case .pipe:
        try files.removeItem(atPath: path)
        try Shell.run("mkfifo '\(path)'")
        return
      }
      try Data(bytes).write(to: URL(filePath: path))
    }
  }

  /// Three changes of a veth, the oldest first.
  private struct Bench {
    let state: String
    let ids: [String]

    func rxtune(_ words: String) throws -> Shell.Result {
      try Shell.result("timeout 20 '\(Program.rxtune)' \(words) --state-dir '\(state)'")
    }

    func damage(_ index: Int, _ damage: Damage) throws {
      let path = { "\(state)/\(ids[$0]).journal" }
      try damage.strike(path(index), other: path(index == 0 ? 1 : 0))
    }

    /// MTU and length of the transmit queue.
    func found() throws -> [String] {
      try Shell.run("cat /sys/class/net/rxt0/mtu /sys/class/net/rxt0/tx_queue_len")
        .split(separator: "\n").map(String.init)
    }
  }

  private func onVeth(_ body: (Bench) throws -> Void) throws {
    let state = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(state)'") }
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add rxt0 txqueuelen 1000 type veth peer name rxt1")
      for change in ["link.mtu=1400", "link.tx-queue-len=300", "link.mtu=1300"] {
        try namespace.shell("'\(Program.rxtune)' set \(change) rxt0 --state-dir '\(state)'")
      }
      let ids = try Archive(try StateDirectory(state)).ids()
      try #require(ids.count == 3)
      try body(Bench(state: state, ids: ids))
    }
  }

  @Test(arguments: Damage.allCases)
  func theOthersAreListedAndRolledBack(_ damage: Damage) throws {
    try onVeth { bench in
      try bench.damage(1, damage)
      let history = try bench.rxtune("history")
      #expect(history.status == 1)
      let lines = history.output.split(separator: "\n")
      #expect(lines.contains { $0.hasPrefix(bench.ids[1]) && $0.contains("damaged") })
      #expect(lines.filter { $0.contains("in force") }.count == 2, "\(history.output)")
      #expect(
        lines.contains {
          $0.hasPrefix("rxtune: ") && $0.contains("\(bench.ids[1]).journal")
            && $0.contains(damage.reason)
        }, "\(history.output)")
      let json = try bench.rxtune("history --json 2>/dev/null")
      let entries = try JSONDecoder().decode(Record.self, from: Data(json.output.utf8)).changes
      #expect(json.status == 1)
      #expect(entries.map { $0["id"]?.text } == bench.ids)
      #expect(entries[1]["damaged"]?.text?.contains(damage.reason) == true)
      #expect(entries[0]["state"]?.text == "in-force")

      let verification = try bench.rxtune("verify")
      #expect(verification.status == 2)
      #expect(verification.output.contains("change \(bench.ids[1]): "))
      #expect(verification.output.contains("1 of 1 settings hold"))

      // The newest is sound; then the damaged one is the newest that may be in force.
      #expect(try bench.rxtune("rollback").status == 0)
      #expect(try bench.found() == ["1400", "300"])
      let refused = try bench.rxtune("rollback")
      #expect(refused.status == 1)
      #expect(refused.output.contains("change that may be in force, \(bench.ids[1]),"))
      #expect(refused.output.contains(damage.reason), "\(refused.output)")
      #expect(refused.output.contains("Nothing was rolled back"))
      #expect(try bench.found() == ["1400", "300"])

      // By its id the oldest goes back, and what stays is named.
      let back = try bench.rxtune("rollback \(bench.ids[0])")
      #expect(back.status == 1)
      #expect(back.output.contains("change \(bench.ids[1]), made after it, is not rolled back"))
      #expect(try bench.found() == ["1500", "300"])
      let itself = try bench.rxtune("rollback \(bench.ids[1])")
      #expect(itself.status == 1)
      #expect(itself.output.contains(damage.reason))
    }
  }

  @Test(arguments: Damage.allCases)
  func nothingIsGuessedWhereTheNewestIsDamaged(_ damage: Damage) throws {
    try onVeth { bench in
      try bench.damage(2, damage)
      let refused = try bench.rxtune("rollback")
      #expect(refused.status == 1)
      #expect(refused.output.contains(damage.reason), "\(refused.output)")
      let change = try bench.rxtune("set link.mtu=1200 rxt0")
      #expect(change.status == 1)
      #expect(change.output.contains(damage.reason))
      #expect(try bench.found() == ["1300", "300"])
      #expect(try bench.rxtune("rollback \(bench.ids[1])").output.contains(" restored, "))
      #expect(try bench.found() == ["1300", "1000"])
    }
  }

  /// An old one that is damaged keeps no later one from being rolled back.
  @Test func theOldestIsInNobodysWay() throws {
    try onVeth { bench in
      try bench.damage(0, .truncated)
      #expect(try bench.rxtune("rollback \(bench.ids[1])").status == 0)
      #expect(try bench.found() == ["1400", "1000"])
    }
  }

  /// What rollback could not undo whole is given up by its id, and nothing else is.
  @Test func whatCannotBeUndoneIsForgotten() throws {
    try onVeth { bench in
      let stays = "rxt0 link.mtu was 1400, is 1300"
      try StateDirectory(bench.state).append(
        "\(bench.ids[2]).journal", Array(Journal.line(.init(.incomplete([.init(nil, stays)]))).utf8)
      )
      #expect(try bench.rxtune("rollback --forget").status == 64)
      #expect(try bench.rxtune("rollback --forget \(bench.ids[1])").status == 1)
      let forgotten = try bench.rxtune("rollback --forget \(bench.ids[2])")
      #expect(forgotten.status == 0)
      #expect(
        forgotten.output.hasSuffix("forgotten. It stays as it is:\n\(stays)\n"),
        "\(forgotten.output)")
      #expect(try bench.found() == ["1300", "300"])
      let history = try bench.rxtune("history").output
      #expect(bench.ids.map(history.contains) == [true, true, false])
    }
  }

  @Test func aChangeIsConfirmedOrTakenBackAllTheSame() throws {
    for confirms in [true, false] {
      try onVeth { bench in
        let change = try bench.rxtune("set link.mtu=1200 rxt0 --confirm-within 2s")
        #expect(change.status == 0, "\(change.output)")
        try bench.damage(1, .garbage)
        if confirms { #expect(try bench.rxtune("confirm").status == 0) }
        try Shell.run("sleep 4")
        #expect(try bench.found().first == (confirms ? "1200" : "1300"))
        // None of the sound ones waits; the damaged one might.
        let none = try bench.rxtune("confirm")
        #expect(none.status == 1 && none.output.contains(Damage.garbage.reason))
      }
    }
  }

  /// A member's text, where it is one.
  private struct Record: Decodable { var changes: [[String: Word]] }

  private struct Word: Decodable {
    let text: String?
    init(from decoder: any Decoder) throws {
      text = try? decoder.singleValueContainer().decode(String.self)
    }
  }
}

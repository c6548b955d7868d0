import KernelIO
import Knobs
import Notation
import ReceivePath
import Testing

@testable import Tuning

@Suite struct JournalTests {
  private func knob(_ id: String) throws -> Knob { try #require(Knob.named(id)) }

  private func journal() throws -> Journal {
    var journal = Journal(
      id: "20261123-151126", bootID: "b", namespace: "net:[1]", pid: 7,
      started: TimeStamp(seconds: 1_795_446_686), command: "set a=b\teth0\n100%",
      devices: [.init(name: "eth0", ifindex: "2", address: "02:00:00:00:00:01")],
      before: [
        Setting(try knob("channels.combined"), at: .device("eth0"), .number(4)),
        Setting(try knob("features.rx-gro"), at: .device("eth0"), .flag(true)),
        Setting(
          try knob("queue.rps-cpus"), at: .queue(device: "eth0", .rx, 3), .cpus(CPUSet([0, 9]))),
        Setting(
          try knob("irq.smp-affinity"), at: .interrupt(device: "eth0", name: "eth0 Tx%\tRx-0"),
          .cpus(CPUSet())),
        Setting(try knob("napi.threaded"), at: .napi(device: "eth0", rank: 1), .number(0)),
        Setting(try knob("net.ipv4.tcp_rmem"), at: .host, .numbers([1, 2, 3])),
      ],
      wanted: [
        Setting(
          try knob("irq.smp-affinity"), at: .vector(device: "eth0", queue: 2), .cpus(CPUSet([1])))
      ],
      leftAlone: [
        Setting.Key(.irqAffinity, at: .interrupt(device: "eth0", name: "eth0 Tx%\tRx-0")),
        Setting.Key(try knob("napi.threaded"), at: .napi(device: "eth0", rank: 1)),
      ])
    journal.events = [
      .init(
        .settled(
          Setting.Key(try knob("queue.rps-flow-cnt"), at: .queue(device: "eth0", .rx, 0)),
          .number(1024)), at: TimeStamp(seconds: 1)),
      .init(.awaiting(TimeStamp(seconds: 2)), at: TimeStamp(seconds: 1)),
    ]
    return journal
  }

  private func text(_ journal: Journal) -> String {
    journal.head + journal.events.map(Journal.line).joined()
  }

  @Test func readsBackWhatItWrote() throws {
    let journal = try journal()
    #expect(try Journal(text(journal), name: "x") == journal)
  }

  /// One with a label is of the second form; without, older releases go on reading it.
  @Test func aLabelIsReadBack() throws {
    var journal = try journal()
    #expect(journal.head.hasPrefix("rxtune-journal\t1\t"))
    journal.label = "play 7\tcanary\n100%"
    #expect(journal.head.hasPrefix("rxtune-journal\t2\t"))
    #expect(try Journal(text(journal), name: "x") == journal)
  }

  /// As it was written before changes recorded what they leave alone.
  @Test func readsTheFormThatKnowsNothingLeftAlone() throws {
    var journal = try journal()
    journal.leftAlone = []
    #expect(journal.head.contains("\nend-of-record\t6\t1\t"))
    #expect(!journal.head.contains("left-alone"))
    #expect(try Journal(text(journal), name: "x") == journal)
    // A line of them that is missing is noticed, as of the others.
    let head = try self.journal().head
    let lines = head.split(separator: "\n", omittingEmptySubsequences: false)
    for index in lines.indices where lines[index].hasPrefix("left-alone") {
      var rest = lines
      rest.remove(at: index)
      #expect(throws: JournalError.self) {
        try Journal(rest.joined(separator: "\n"), name: "x")
      }
    }
  }

  /// What became of a change is told without its settings, and damage among them all the same.
  @Test func anOutlineTellsTheStateAndNoticesDamage() throws {
    let journal = try journal()
    let bytes = Array(text(journal).utf8)
    let outline = try Journal.Outline(bytes, name: "x")
    #expect(outline.id == journal.id && outline.bootID == "b" && outline.namespace == "net:[1]")
    #expect(outline.state == journal.state)
    let head = journal.head.utf8.count
    for index in bytes.indices where index < head {
      var damaged = bytes
      damaged[index] ^= 0x01
      #expect(throws: JournalError.self) { try Journal.Outline(damaged, name: "x") }
    }
    for count in 0..<(head - 1) {
      #expect(throws: JournalError.self) { try Journal.Outline(Array(bytes[..<count]), name: "x") }
    }
  }

  /// Cut anywhere, the record is refused; cut among the events, the whole ones count.
  @Test func isRefusedWhereItsRecordIsCut() throws {
    let journal = try journal()
    let bytes = Array(text(journal).utf8)
    let head = journal.head.utf8.count
    for count in 0..<bytes.count {
      let cut = String(decoding: bytes[..<count], as: UTF8.self)
      if count < head - 1 {
        #expect(throws: JournalError.self) { try Journal(cut, name: "x") }
      } else {
        var whole = journal
        let read = try Journal(cut, name: "x")
        #expect(journal.events.starts(with: read.events))
        whole.events = read.events
        #expect(read == whole)
      }
    }
  }

  /// A flipped bit is noticed wherever it is.
  @Test func isRefusedWhereAByteIsWrong() throws {
    let journal = try journal()
    let bytes = Array(text(journal).utf8)
    // A line feed between events that is another byte looks like a crash between them.
    let head = journal.head.utf8.count
    for index in bytes.indices where index < head || bytes[index] != 0x0a {
      var damaged = bytes
      damaged[index] ^= 0x01
      guard
        let read = try? Journal(String(decoding: damaged, as: UTF8.self), name: "x")
      else { continue }
      #expect(journal.events.starts(with: read.events), "byte \(index)")
      var rest = read
      rest.events = journal.events
      #expect(rest == journal, "byte \(index)")
    }
  }

  @Test func isRefusedOfAnotherVersion() throws {
    let text = JournalText.line(["rxtune-journal", "99"])
    let error = #expect(throws: JournalError.self) { try Journal(text, name: "x") }
    #expect(error?.reason.contains("another version") == true)
  }

  @Test func tellsTheStateByItsLastWord() throws {
    var journal = try journal()
    journal.events = []
    #expect(journal.state == .open)
    for (kind, state) in [
      (Journal.Kind.awaiting(TimeStamp(seconds: 9)), Journal.State.awaiting(TimeStamp(seconds: 9))),
      (.confirmed, .committed), (.rollingBack, .open),
      (.incomplete([.init(nil, "x")]), .incomplete([.init(nil, "x")])),
      (.rolledBack, .rolledBack), (.deviceGone, .deviceGone),
    ] {
      journal.events.append(.init(kind))
      #expect(journal.state == state)
    }
  }

  @Test func leavesChangesOfAnotherBootAlone() throws {
    let host = SimulatedHost(.oneOfEight)
    let request = Request(try knob("net.core.netdev_budget"), .literal("600"))
    _ = try host.tuner().apply(host.planner.plan([request], devices: []), command: "test")
    let state = host.state
    let later = Tuner(
      host, Archive(host), Circumstances(bootID: "later", namespace: "net:[1]", pid: 1),
      identities: .none)
    #expect(try later.recover().isEmpty)
    #expect(try later.rollBack(nil).isEmpty)
    let id = try #require(try Archive(host).ids().last)
    #expect(throws: TuningError.self) { try later.rollBack(id) }
    #expect(host.state == state)
  }

  @Test func leavesAnotherDeviceAlone() throws {
    let host = SimulatedHost(.oneOfEight)
    let request = Request(try knob("coalesce.rx-usecs"), .literal("5"))
    _ = try host.tuner().apply(host.planner.plan([request], devices: ["eth0"]), command: "test")
    let state = host.state
    host.ifindex = "77"
    let restored = try #require(try host.tuner().rollBack(nil).first)
    #expect(restored.unrestored.isEmpty && restored.compared == 0 && !restored.isComplete)
    #expect(restored.notes == ["eth0 is another device now (index 77, was 2)"])
    #expect(restored.journal.state == .deviceGone)
    #expect(host.state == state)
  }

  @Test func aDamagedJournalStopsTheNextChange() throws {
    let host = SimulatedHost(.oneOfEight)
    try host.create("20260101-000000.journal", Array("rubbish".utf8))
    #expect(throws: TuningError.self) { try host.tuner().recover() }
  }

  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_795_446_686, "2026-11-23T15:11:26Z"), (4_102_444_799, "2099-12-31T23:59:59Z"),
  ])
  func tellsTheTime(_ seconds: Int64, _ text: String) {
    let time = TimeStamp(seconds: seconds)
    #expect(time.description == text)
    #expect(time.minute == text.replacing("T", with: " ").prefix(16))
  }
}

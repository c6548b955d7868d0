import Knobs
import Notation
import ReceivePath
import Tuning

extension FuzzTarget {
  /// A journal; what is understood is written so that it is understood as the same again. A fuzzer
  /// guesses no checksums: behind a first byte "s" each line is given its own.
  static let journal = FuzzTarget(name: "journal", seeds: { journalSeeds() }) { bytes in
    var content = Array(bytes.dropFirst())
    if bytes.first == UInt8(ascii: "s") {
      content = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .flatMap { $0.isEmpty ? [UInt8(ascii: "\n")] : JournalText.signed($0) }
    }
    let journal: Journal
    do throws(JournalError) { journal = try Journal(content, name: "fuzz") } catch {
      precondition(error.line > 0, "an error without a line")
      return
    }
    let again = try? Journal(written(journal), name: "fuzz")
    precondition(again == journal, "another journal came back")
    let outline = try? Journal.Outline(content, name: "fuzz")
    precondition(outline?.state == journal.state && outline?.id == journal.id, "another outline")
  }

  private static func written(_ journal: Journal) -> String {
    journal.head + journal.events.map(Journal.line).joined()
  }

  private static func journalSeeds() -> [[UInt8]] {
    var journal = Journal(
      id: "20260101-120000", bootID: "b", namespace: "net:[1]", pid: 7,
      started: TimeStamp(seconds: 1_767_268_800), command: "set a=b\teth0",
      devices: [.init(name: "eth0", ifindex: "2", address: "02:00:00:00:00:01")],
      before: [], wanted: [])
    var settings: [Setting] = []
    if let knob = Knob.named("queue.rps-cpus") {
      settings.append(
        Setting(knob, at: .queue(device: "eth0", .rx, 1), .cpus(CPUSet([0, 3]))))
    }
    if let knob = Knob.named("irq.smp-affinity") {
      settings.append(
        Setting(knob, at: .interrupt(device: "eth0", name: "eth0-rx-0"), .cpus(CPUSet([1]))))
    }
    if let knob = Knob.named("features.rx-gro") {
      settings.append(Setting(knob, at: .device("eth0"), .flag(true)))
    }
    journal.before = settings
    journal.wanted = settings
    journal.leftAlone = settings.map(\.key)
    var kinds: [Journal.Kind] = [
      .fingerprint(device: "eth0", Fingerprint("napi 1 irq 2")), .committed,
      .awaiting(TimeStamp(seconds: 5)),
      .confirmed, .rollingBack, .rolledBack, .deviceGone,
      .incomplete(
        [.init(nil, "a"), .init(nil, "b")] + settings.map { .init($0.key, "was 1, is 2") }),
    ]
    if let first = settings.first { kinds.insert(.settled(first.key, first.value), at: 0) }
    journal.events = kinds.map { .init($0, at: TimeStamp(seconds: 3)) }
    journal.label = "play 7"
    let text = written(journal)
    let bodies = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "\t")
    }
    return [Array(("r" + text).utf8), Array(("s" + bodies.joined(separator: "\n")).utf8)]
  }
}

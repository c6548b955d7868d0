import Knobs
import Notation

extension Journal {
  /// The first part, that is written before anything is changed.
  package var head: String {
    var text = JournalText.line(["rxtune-journal", "\(form)"])
    text += JournalText.line(["id", id])
    text += JournalText.line(["boot", bootID])
    text += JournalText.line(["namespace", namespace])
    text += JournalText.line(["pid", "\(pid)"])
    text += JournalText.line(["started", "\(started.seconds)", started.description])
    text += JournalText.line(["command", command])
    if let label { text += JournalText.line(["label", label]) }
    for device in devices {
      text += JournalText.line(["device-identity", device.name, device.ifindex, device.address])
    }
    for setting in before { text += Self.line("before", setting) }
    for setting in wanted { text += Self.line("wanted", setting) }
    for key in leftAlone {
      text += JournalText.line(["left-alone", key.knob.id] + key.place.words)
    }
    // The end is a line of its own: without it, lines are missing. The last count came later.
    var counts = ["\(before.count)", "\(wanted.count)"]
    if !leftAlone.isEmpty { counts.append("\(leftAlone.count)") }
    text += JournalText.line(["end-of-record"] + counts)
    return text
  }

  package static func line(_ event: Event) -> String {
    let words: [String] =
      switch event.kind {
      case .settled(let key, let value):
        ["settled", key.knob.id, value.journalText] + key.place.words
      case .fingerprint(let device, let fingerprint): ["queues", device ?? "", fingerprint.text]
      case .committed: ["committed"]
      case .awaiting(let deadline): ["awaiting", "\(deadline.seconds)"]
      case .confirmed: ["confirmed"]
      case .rollingBack: ["rolling-back"]
      case .rolledBack: ["rolled-back"]
      case .incomplete(let owed): ["incomplete"] + owed.flatMap(Self.words)
      case .deviceGone: ["device-gone"]
      }
    // On a line of its own, also where a crash has cut the one before.
    return "\n" + JournalText.line(["event", "\(event.time.seconds)"] + words)
  }

  /// Of one debt: the knob, the number of words of its place, these, and the reason.
  private static func words(_ debt: Debt) -> [String] {
    guard let key = debt.key else { return [debt.reason] }
    let place = key.place.words
    return [owedMark, key.knob.id, "\(place.count)"] + place + [debt.reason]
  }

  /// No sentence of an older release.
  private static let owedMark = "owed"

  private static func debts(_ words: [String]) -> [Debt]? {
    var debts: [Debt] = []
    var rest = words[...]
    while let first = rest.popFirst() {
      guard first == owedMark else {
        debts.append(Debt(nil, first))
        continue
      }
      guard let id = rest.popFirst(), let knob = Knob.named(id), knob.id == id,
        let count = rest.popFirst().flatMap({ Int($0) }), count >= 1, count < rest.count,
        let place = Place(words: Array(rest.prefix(count)))
      else { return nil }
      rest = rest.dropFirst(count)
      guard let reason = rest.popFirst() else { return nil }
      debts.append(Debt(Setting.Key(knob, at: place), reason))
    }
    return debts
  }

  private static func line(_ kind: String, _ setting: Setting) -> String {
    JournalText.line(
      [kind, setting.knob.id, setting.value.journalText] + setting.place.words)
  }

  /// Reads a journal back.
  ///
  /// - Throws: `JournalError`, with the line.
  package init(_ text: String, name: String) throws(JournalError) {
    try self.init(Array(text.utf8), name: name)
  }

  package init(_ bytes: [UInt8], name: String) throws(JournalError) {
    self = try Self.read(bytes, name: name, settings: true)
  }

  /// - Parameter settings: false where the settings are only counted, and their checksums compared.
  static func read(
    _ bytes: [UInt8], name: String, settings: Bool
  ) throws(JournalError) -> Journal {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let first = lines.first, let head = JournalText.words(first), head.count == 2,
      head[0] == "rxtune-journal"
    else { throw JournalError(name, 1, "not an rxtune journal, or its first line is damaged") }
    guard (1...version).contains(where: { head[1] == "\($0)" }) else {
      throw JournalError(
        name, 1,
        "written by another version of rxtune (form \(head[1]), this one reads up to \(version))")
    }
    var journal = Journal(
      id: "", bootID: "", namespace: "", pid: 0, started: TimeStamp(seconds: 0), command: "",
      devices: [], before: [], wanted: [])
    var ended = false
    var counts = (before: 0, wanted: 0)
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      guard let body = JournalText.body(line) else {
        // An event that was cut off by a crash never happened; a record cut off is no record.
        // A whole line ends with a line feed, and the next event begins with one.
        let isCut = index + 1 == lines.count || !lines[index + 1].isEmpty
        if ended && isCut { continue }
        throw JournalError(name, index + 1, "damaged: its checksum does not fit")
      }
      let isBefore = body.starts(with: beforeMark)
      if !ended && (isBefore || body.starts(with: wantedMark)) {
        if isBefore { counts.before += 1 } else { counts.wanted += 1 }
        if !settings { continue }
      }
      let words = JournalText.words(of: body)
      guard try journal.take(words, counts, ended: &ended) else {
        throw JournalError(name, index + 1, "not understood: \(words.first ?? "empty")")
      }
    }
    guard ended else { throw JournalError(name, lines.count, "cut off before its end") }
    guard !journal.id.isEmpty, !journal.bootID.isEmpty else {
      throw JournalError(name, 1, "id or boot id is missing")
    }
    return journal
  }

  private static let beforeMark = Array("before\t".utf8)
  private static let wantedMark = Array("wanted\t".utf8)

  private mutating func take(
    _ words: [String], _ counts: (before: Int, wanted: Int), ended: inout Bool
  ) throws(JournalError) -> Bool {
    guard let kind = words.first else { return false }
    let rest = Array(words.dropFirst())
    if ended { return kind == "event" && takeEvent(rest) }
    switch (kind, rest.count) {
    case ("id", 1): id = rest[0]
    case ("boot", 1): bootID = rest[0]
    case ("namespace", 1): namespace = rest[0]
    case ("command", 1): command = rest[0]
    case ("label", 1): label = rest[0]
    case ("pid", 1):
      guard let number = Int32(rest[0]) else { return false }
      pid = number
    case ("started", 2):
      guard let seconds = Int64(rest[0]) else { return false }
      started = TimeStamp(seconds: seconds)
    case ("device-identity", 3):
      devices.append(DeviceIdentity(name: rest[0], ifindex: rest[1], address: rest[2]))
    case ("before", 4...), ("before", 3), ("wanted", 4...), ("wanted", 3):
      guard let setting = Self.setting(rest) else { return false }
      if kind == "before" { before.append(setting) } else { wanted.append(setting) }
    case ("left-alone", 2...):
      guard let knob = Knob.named(rest[0]), knob.id == rest[0],
        let place = Place(words: Array(rest[1...]))
      else { return false }
      leftAlone.append(Setting.Key(knob, at: place))
    case ("end-of-record", 2...3):
      let found = [counts.before, counts.wanted] + (rest.count == 3 ? [leftAlone.count] : [])
      guard rest == found.map(String.init), rest.count == 3 || leftAlone.isEmpty else {
        return false
      }
      ended = true
    default: return false
    }
    return true
  }

  private static func setting(_ words: [String]) -> Setting? {
    guard words.count >= 3, let knob = Knob.named(words[0]), knob.id == words[0],
      let value = KnobValue(journalText: words[1], of: knob),
      let place = Place(words: Array(words[2...]))
    else { return nil }
    return Setting(knob, at: place, value)
  }

  private mutating func takeEvent(_ words: [String]) -> Bool {
    guard words.count >= 2, let seconds = Int64(words[0]) else { return false }
    let rest = Array(words.dropFirst(2))
    let kind: Kind
    switch (words[1], rest.count) {
    case ("settled", 3...):
      guard let setting = Self.setting(rest) else { return false }
      kind = .settled(setting.key, setting.value)
    case ("queues", 2):
      kind = .fingerprint(device: rest[0].isEmpty ? nil : rest[0], Fingerprint(rest[1]))
    case ("committed", 0): kind = .committed
    case ("awaiting", 1):
      guard let deadline = Int64(rest[0]) else { return false }
      kind = .awaiting(TimeStamp(seconds: deadline))
    case ("confirmed", 0): kind = .confirmed
    case ("rolling-back", 0): kind = .rollingBack
    case ("rolled-back", 0): kind = .rolledBack
    case ("incomplete", _):
      guard let debts = Self.debts(rest) else { return false }
      kind = .incomplete(debts)
    case ("device-gone", 0): kind = .deviceGone
    default: return false
    }
    events.append(Event(kind, at: TimeStamp(seconds: seconds)))
    return true
  }
}

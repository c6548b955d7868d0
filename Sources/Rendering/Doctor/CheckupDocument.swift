package import Diagnosis
import Knobs
import Notation

/// `rxtune doctor`: what is wrong, worst first, and what could not be looked at.
package struct CheckupDocument: MarkedDocument, Sendable {
  private let checkup: Checkup

  package init(_ checkup: Checkup) {
    self.checkup = checkup
  }

  package var marked: [String] {
    var lines: [String] = []
    for found in checkup.found { lines += Self.lines(of: found) + [""] }
    if !checkup.notes.isEmpty {
      lines.append("Notes")
      for (_, note) in checkup.notes {
        lines.append("  \(Terminal.printable(note.subject.description)): \(printable(note.text))")
      }
      lines.append("")
    }
    let unchecked = uncheckedLines
    if !unchecked.isEmpty { lines += ["Not checked"] + unchecked.map { "  \($0)" } + [""] }
    lines += checkup.remarks.map { "note: \(printable($0))" }
    return lines + [summary]
  }

  private func printable(_ text: String) -> String { Terminal.printable(text) }

  private static func lines(of found: Checkup.Found) -> [String] {
    let finding = found.finding
    let seen = finding.evidence.map { "\($0.name) \(text(of: $0)) (\($0.source))" }
    let word = finding.severity.rawValue.uppercased()
    let severity = finding.severity == .loss ? Terminal.alarm(word) : Terminal.caution(word)
    var lines = [
      "\(severity)  \(finding.subject.description): \(finding.summary)",
      "  seen: " + seen.joined(separator: "; "),
      "  so: \(finding.consequence)",
    ]
    for (_, consequence) in found.consequences {
      lines.append("  also: \(consequence.subject.description): \(consequence.summary)")
    }
    if !finding.fix.commands.isEmpty {
      lines += finding.fix.commands.map { "  fix: \(Words.shell($0))" }
    }
    if let remark = finding.fix.remark {
      lines.append((finding.fix.commands.isEmpty ? "  fix: " : "  note: ") + remark)
    }
    lines.append("  why: \(finding.confidence.rawValue); \(found.rule.id); \(found.rule.document)")
    return lines.map(Terminal.printable)
  }

  private static func text(of evidence: Diagnosis.Evidence) -> String {
    switch evidence.value {
    case .text(let text): return text
    case .number(let number):
      let digits = Words.number(number)
      let joint = evidence.unit.isEmpty || ["/s", "%"].contains(evidence.unit) ? "" : " "
      return digits + joint + evidence.unit
    }
  }

  /// "irq-one-cpu, ring-overrun: it takes two snapshots", a line a reason.
  private var uncheckedLines: [String] {
    typealias Group = (subjects: [String], reason: String, rules: [String])
    var groups: [Group] = []
    for (rule, subject, reason) in checkup.unchecked {
      let subjects = subject.map { [$0.description] } ?? []
      if let place = groups.firstIndex(where: { ($0.subjects, $0.reason) == (subjects, reason) }) {
        if !groups[place].rules.contains(rule.id) { groups[place].rules.append(rule.id) }
      } else {
        groups.append((subjects, reason, [rule.id]))
      }
    }
    // What several devices lack is said once.
    let merged = groups.reduce(into: [Group]()) { merged, group in
      let place = merged.firstIndex {
        !group.subjects.isEmpty && !$0.subjects.isEmpty && $0.reason == group.reason
          && $0.rules == group.rules
      }
      if let place {
        merged[place].subjects += group.subjects
      } else {
        merged.append(group)
      }
    }
    return merged.map { group in
      let subjects = group.subjects.joined(separator: ", ")
      return printable(
        (subjects.isEmpty ? "" : subjects + ": ") + group.reason + ": "
          + group.rules.joined(separator: ", "))
    }
  }

  private var summary: String {
    let count = checkup.found.count
    let findings = count == 0 ? "No findings" : "\(count) finding\(count == 1 ? "" : "s")"
    let unchecked = Set(checkup.unchecked.map(\.rule.id)).count
    let interval = checkup.interval.map { " in \(Words.number($0)) s" } ?? ""
    return "\(findings)\(interval): \(checkup.clean.count) rules found nothing, "
      + "\(unchecked) could not look everywhere."
  }
}

extension CheckupDocument {
  package static let shape = Record<CheckupDocument>([
    Field("devices", "The devices that were examined.", .array(of: .string)) {
      $0.checkup.devices
    },
    Field(optional: "interval", "Seconds between the snapshots; omitted for one.", .number) {
      $0.checkup.interval
    },
    Field("findings", "What is wrong, worst first; one for each cause.", .array(of: found)) {
      $0.checkup.found
    },
    Field("notes", "Worth knowing, and nothing to act on.", .array(of: note)) { document in
      document.checkup.notes.map { RuledNote(rule: $0.rule, note: $0.note) }
    },
    Field("unchecked", "What rules could not look at, and why.", .array(of: unchecked)) {
      document in
      document.checkup.unchecked.map {
        Unchecked(rule: $0.rule, subject: $0.subject, reason: $0.reason)
      }
    },
    Field("clean", "Rules that looked and found nothing.", .array(of: .string)) {
      $0.checkup.clean.map(\.id)
    },
    Field("remarks", "What to know of all findings.", .array(of: .string)) {
      $0.checkup.remarks
    },
  ]).shape

  private struct RuledNote: Sendable {
    var rule: Rule
    var note: Diagnosis.Note
  }

  private struct Unchecked: Sendable {
    var rule: Rule
    var subject: Diagnosis.Subject?
    var reason: String
  }

  private static let found = Record<Checkup.Found>([
    Field("rule", "Id of the rule.", .string) { $0.rule.id },
    Field("place", "Where it is.", subject) { $0.finding.subject },
    Field(
      "severity",
      "loss: packets or connections are lost; cost: they cost too much; risk: they may.",
      .oneOf(Diagnosis.Severity.allCases.map(\.rawValue))
    ) { $0.finding.severity.rawValue },
    Field(
      "confidence", "measured: it grew; configured: settings say so; guessed.",
      .oneOf(Diagnosis.Confidence.allCases.map(\.rawValue))
    ) { $0.finding.confidence.rawValue },
    Field("summary", "What is wrong.", .string) { $0.finding.summary },
    Field("evidence", "What was seen.", .array(of: evidence)) { $0.finding.evidence },
    Field("consequence", "What follows from it.", .string) { $0.finding.consequence },
    Field("fix", "What to do.", fix) { $0.finding.fix },
    Field("document", "Where it is documented.", .string) { $0.rule.document },
    Field(
      optional: "explains", "Rules whose findings have the same cause.", .array(of: .string)
    ) { $0.consequences.isEmpty ? nil : $0.consequences.map(\.rule.id) },
  ]).shape

  /// A place, or a socket of the network namespace.
  private static let subject = Record<Diagnosis.Subject>(
    PlaceJSON.fields(of: { PlaceJSON(at: $0.place, isOfNamespace: $0.isNamespace) }) + [
      Field(optional: "socket", "Protocol, address and port of the socket.", .string) { $0.socket }
    ]
  ).shape

  private static let evidence = Record<Diagnosis.Evidence>([
    Field("name", "Name of the counter or setting.", .string) { $0.name },
    Field(
      "value", "Its value: a number or a word.",
      Shape(schema: .object(["type": .strings(["number", "string"])])) { value in
        switch value {
        case .number(let number): .number(number)
        case .text(let text): .string(text)
        }
      }
    ) { $0.value },
    Field(optional: "unit", "Unit of the number; omitted for plain counts and words.", .string) {
      $0.unit.isEmpty ? nil : $0.unit
    },
    Field("source", "File, message or call that it was read from.", .string) { $0.source },
  ]).shape

  private static let fix = Record<Diagnosis.Fix>([
    Field(
      "commands", "Commands to run in this order, as arguments; none where rxtune cannot help.",
      .array(of: .array(of: .string))
    ) { $0.commands },
    Field(optional: "remark", "What to know, or to do instead.", .string) { $0.remark },
  ]).shape

  private static let note = Record<RuledNote>([
    Field("rule", "Id of the rule.", .string) { $0.rule.id },
    Field("place", "Where it is.", subject) { $0.note.subject },
    Field("text", "The note.", .string) { $0.note.text },
    Field("evidence", "What was seen.", .array(of: evidence)) { $0.note.evidence },
  ]).shape

  private static let unchecked = Record<Unchecked>([
    Field("rule", "Id of the rule.", .string) { $0.rule.id },
    Field(optional: "place", "Where it could not look; omitted for everywhere.", subject) {
      $0.subject
    },
    Field("reason", "Why.", .string) { $0.reason },
  ]).shape
}

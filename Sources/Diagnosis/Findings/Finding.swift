package import Knobs

/// What the doctor finds, in words of its own.
package enum Diagnosis {
  /// Something that is wrong, at one place: what was seen, what follows, what to do.
  package struct Finding: Hashable, Sendable {
    package var subject: Subject
    package var severity: Severity
    package var confidence: Confidence
    /// What is wrong, in a sentence.
    package var summary: String
    package var evidence: [Evidence]
    /// What follows from it, in a sentence.
    package var consequence: String
    package var fix: Fix

    package init(
      _ severity: Severity, at subject: Subject, _ summary: String, evidence: [Evidence],
      consequence: String, fix: Fix, _ confidence: Confidence
    ) {
      self.subject = subject
      self.severity = severity
      self.confidence = confidence
      self.summary = summary
      self.evidence = evidence
      self.consequence = consequence
      self.fix = fix
    }
  }

  /// Worth knowing, and nothing to act on: what was counted before the interval, or what looks like a
  /// fault and is none.
  package struct Note: Hashable, Sendable {
    package var subject: Subject
    package var text: String
    package var evidence: [Evidence]

    package init(at subject: Subject, _ text: String, evidence: [Evidence] = []) {
      self.subject = subject
      self.text = text
      self.evidence = evidence
    }
  }

  /// What an examination by a rule comes to, for one subject. A rule that returns none of these has
  /// looked and found nothing.
  package enum Verdict: Sendable {
    case finding(Finding)
    case note(Note)
    /// The rule could not look: what it needs is missing, for the reason. nil: for all subjects.
    case unchecked(Subject?, String)
  }

  /// The worst first.
  package enum Severity: String, Sendable, Hashable, CaseIterable {
    /// Packets or connections are being lost.
    case loss
    /// Packets take longer, or cost more CPU time, than they need to.
    case cost
    /// A setting that fails its purpose, or one that will bite under load.
    case risk
  }

  package enum Confidence: String, Sendable, Hashable, CaseIterable {
    /// Counters grew in the interval.
    case measured
    /// Settings say so.
    case configured
    /// What was seen may have another cause.
    case guessed
  }

  /// What a finding is about.
  package struct Subject: Hashable, Sendable {
    package var place: Place
    /// The network namespace, where the place is that of the host.
    package var isNamespace = false
    /// "tcp 0.0.0.0:80"
    package var socket: String?

    package init(_ place: Place) { self.place = place }

    package static let host = Subject(.host)

    package static let namespace = {
      var subject = Subject(.host)
      subject.isNamespace = true
      return subject
    }()

    package static func device(_ name: String) -> Subject { Subject(.device(name)) }

    /// Of one CPU, or of several together.
    static func cpus(_ cpus: CPUSet) -> Subject {
      cpus.count == 1 ? cpus.first.map { Subject(.cpu($0)) } ?? .host : .host
    }

    package static func socket(_ name: String) -> Subject {
      var subject = namespace
      subject.socket = name
      return subject
    }

    /// "eth0", "eth0 rx-3", "tcp 0.0.0.0:80", "netns".
    package var description: String {
      socket ?? (isNamespace ? Knob.Scope.namespace.rawValue : place.description)
    }
  }

  /// A number or a word that a finding stands on, and where it came from.
  package struct Evidence: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
      case number(Double)
      case text(String)
    }
    /// The counter's, file's or knob's name: "rx-missed-errors", "rings.rx".
    package var name: String
    package var value: Value
    /// "/s", "%", "ns"; empty for words.
    package var unit: String
    /// A path, a netlink message or the ioctl: "/proc/net/snmp".
    package var source: String

    package init(_ name: String, _ value: Double, _ unit: String = "", from source: String) {
      self.name = name
      self.value = .number(value)
      self.unit = unit
      self.source = source
    }

    package init(
      _ name: String, _ value: some BinaryInteger, _ unit: String = "", from source: String
    ) {
      self.init(name, Double(value), unit, from: source)
    }

    package init(_ name: String, _ text: String, from source: String) {
      self.name = name
      value = .text(text)
      unit = ""
      self.source = source
    }
  }

  /// What to do: commands to paste, a remark, or both.
  package struct Fix: Hashable, Sendable {
    /// Each a program and its arguments, in the order in which they are to be run.
    package var commands: [[String]]
    /// What rxtune cannot do, or what to know before it is done.
    package var remark: String?

    package static func run(_ commands: [String]..., remark: String? = nil) -> Fix {
      Fix(commands: commands, remark: remark)
    }

    /// Where no command of rxtune helps.
    package static func advice(_ remark: String) -> Fix { Fix(commands: [], remark: remark) }
  }
}

typealias Verdict = Diagnosis.Verdict
typealias Finding = Diagnosis.Finding
typealias Note = Diagnosis.Note
typealias Subject = Diagnosis.Subject
typealias Evidence = Diagnosis.Evidence

package import Knobs
import Notation
package import Tuning

/// What stopped a command, for programs: the member `error` of a document.
package struct Problem: Sendable {
  /// What a caller can do about it. New ones may come: a caller takes one that it does not know
  /// for `failed`.
  package enum Kind: String, Sendable, CaseIterable {
    /// The command line is wrong.
    case usage
    case noSuchDevice = "no-such-device"
    case noSuchKnob = "no-such-knob"
    case noSuchProfile = "no-such-profile"
    case noSuchChange = "no-such-change"
    case noSuchFile = "no-such-file"
    case badProfile = "bad-profile"
    /// A capture, a recording or results that cannot be read as such.
    case badFile = "bad-file"
    case needsPrivilege = "needs-privilege"
    case notSupported = "not-supported"
    /// By the plan, before anything was written.
    case refused
    /// A write; what was written before it is undone.
    case kernelRefused = "kernel-refused"
    /// Another change is under way.
    case busy
    /// Another change waits to be confirmed.
    case unconfirmed
    /// The change cost the link, and is undone.
    case linkDown = "link-down"
    /// The host is not as it was before the change.
    case notRestored = "not-restored"
    case journalDamaged = "journal-damaged"
    case nothingMeasured = "nothing-measured"
    /// The kernel refused something else.
    case kernel
    case failed
  }

  package let kind: Kind
  package var knob: Knob?
  package var place: Place?
  /// "EBUSY".
  package var errno: String?
  package let message: String
  package var remedy: String?
  /// The same command may succeed later, with nothing else done.
  package var retry: Bool
  /// What was to be done, and all that stands in its way.
  package var plan: Plan?

  /// - Parameters:
  ///   - prose: as people are told it: what is wrong, with the errno in brackets, and behind "Try:"
  ///     what to do.
  package init(_ kind: Kind, _ prose: String, knob: Knob? = nil, place: Place? = nil) {
    self.kind = kind
    (self.knob, self.place) = (knob, place)
    let (message, remedy) = Self.parts(prose)
    (self.message, self.remedy) = (message, remedy)
    errno = Self.errno(in: message)
    retry =
      kind == .busy || kind == .unconfirmed
      || errno.map { ["EAGAIN", "EBUSY", "EINTR"].contains($0) } ?? false
  }

  /// Of a plan that cannot be carried out: the first thing that stands in its way.
  package init(refusing caveats: [Caveat], _ plan: Plan) {
    let first = CaveatGroup.groups(caveats).first
    self.init(
      .refused, first?.bare ?? "Nothing was changed.", knob: first?.first.knob,
      place: first?.first.place)
    remedy = first?.first.remedy
    self.plan = plan
  }

  private static func parts(_ prose: String) -> (message: String, remedy: String?) {
    let mark = " Try: "
    var rest = prose[...]
    while let index = rest.firstIndex(of: " ") {
      rest = rest[index...]
      if rest.hasPrefix(mark) {
        return (String(prose[..<index]), String(rest.dropFirst(mark.count)))
      }
      rest = rest.dropFirst()
    }
    return (prose, nil)
  }

  /// The last "(EBUSY)" of a sentence.
  private static func errno(in prose: String) -> String? {
    for part in prose.split(separator: "(").dropFirst().reversed() {
      let name = part.prefix { $0 != ")" }
      if name.count < part.count, name.hasPrefix("E"), name.count > 2,
        name.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) })
      {
        return String(name)
      }
    }
    return nil
  }

  // MARK: JSON

  package static let shape = Record<Problem>([
    Field(
      "kind", "Kind of problem; treat one that you do not know as failed.",
      .oneOf(Kind.allCases.map(\.rawValue))
    ) { $0.kind.rawValue },
    Field(optional: "knob", "The knob concerned.", .string) { $0.knob?.id },
    Field(optional: "place", "The place concerned.", PlaceJSON.shape) { problem in
      problem.place.map { PlaceJSON(problem.knob, at: $0) }
    },
    Field(optional: "errno", "Name of the kernel's error, such as EBUSY.", .string) { $0.errno },
    Field("message", "What is wrong, and in what state things are.", .string) { $0.message },
    Field(optional: "remedy", "What to try.", .string) { $0.remedy },
    Field(
      "retry", "Whether the same command may succeed later, with nothing else done.", .bool
    ) { $0.retry },
  ]).shape
}

/// What is printed with --json where there is nothing to print but what went wrong.
package enum ErrorDocument {
  package static let shape = Record<Problem>([
    Field(
      optional: "plan", "The change that was refused, with all that stands in its way.", Plan.shape
    ) { $0.plan }
  ]).shape
}

import Knobs
package import Tuning

extension CaveatGroup {
  /// A line each, behind a word for how grave it is, marked.
  package static func lines(_ caveats: [Caveat]) -> [String] {
    groups(caveats).map { "\(mark($0.first.severity)) \($0.sentence)" }
  }

  private static func mark(_ severity: Caveat.Severity) -> String {
    switch severity {
    case .note: "note:"
    case .danger: Terminal.caution("danger:")
    case .impossible: Terminal.alarm("error:")
    }
  }
}

extension Shape where Value == Caveat {
  static var caveat: Shape {
    Record<Caveat>([
      Field(
        "severity", "note, danger (refused without --force) or impossible.",
        .oneOf(Caveat.Severity.allCases.map(\.rawValue))
      ) { $0.severity.rawValue },
      Field("subject", "Subject of the caveat.", .string) { $0.subject },
      Field(optional: "knob", "The knob concerned, if there is one.", .string) { $0.knob?.id },
      Field(optional: "place", "The place concerned, if there is one.", PlaceJSON.shape) { caveat in
        caveat.place.map { PlaceJSON(caveat.knob, at: $0) }
      },
      Field("text", "Text of the caveat.", .string) { $0.text },
      Field(optional: "remedy", "What to do about it.", .string) { $0.remedy },
    ]).shape
  }
}

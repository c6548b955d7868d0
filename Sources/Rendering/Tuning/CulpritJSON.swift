import Notation
import Tuning

/// What took a setting from its value, for `verify --json` and `watch --json`.
enum CulpritJSON {
  static let shape = Record<Culprit>([
    Field(
      "kind", "Kind of culprit; unknown: nothing is proven.",
      .oneOf(Culprit.Kind.allCases.map(\.rawValue))
    ) { $0.kind.rawValue },
    Field("text", "The culprit in words, with the evidence.", .string) { $0.words },
    Field(optional: "change", "Id of the change by rxtune.", .string) {
      if case .ownChange(let id, _) = $0 { id } else { nil }
    },
    Field(optional: "knob", "The changed setting that resets this one.", .string) {
      if case .settingChange(let knob, _, _) = $0 { knob } else { nil }
    },
    Field(optional: "event", "Announcement of the kernel (ethtool netlink).", .string) {
      switch $0 {
      case .announcedChange(_, let event), .otherProgram(_, let event?): event
      case .channelChange(_, .announced): "channels-ntf"
      default: nil
      }
    },
    Field(optional: "cpus", "The CPUs concerned.", .cpus) {
      switch $0 {
      case .cpusOffline(let cpus), .cpusBack(let cpus), .cpusIsolated(let cpus): cpus
      default: nil
      }
    },
    Field(optional: "pid", "Process id of irqbalance.", .integer) {
      if case .irqbalance(let pid) = $0 { pid } else { nil }
    },
    Field(optional: "since", "When the setting was last known to hold.", .string) {
      if case .otherProgram(let since, _) = $0 { since.description } else { nil }
    },
  ]).shape
}

import Notation
import Tuning

/// What took a setting from its value, for `verify --json` and `watch --json`.
enum CulpritJSON {
  static let shape = Record<Culprit>([
    Field(
      "kind", "What it is. unknown: nothing is proven.",
      .oneOf(Culprit.Kind.allCases.map(\.rawValue))
    ) { $0.kind.rawValue },
    Field("text", "The same for people, with the evidence.", .string) { $0.words },
    Field(optional: "change", "The id of rxtune's own change.", .string) {
      if case .ownChange(let id, _) = $0 { id } else { nil }
    },
    Field(optional: "knob", "The setting that was changed, and resets this one.", .string) {
      if case .settingChange(let knob, _, _) = $0 { knob } else { nil }
    },
    Field(optional: "event", "What the kernel announced (ethtool netlink).", .string) {
      switch $0 {
      case .announcedChange(_, let event), .otherProgram(_, let event?): event
      case .channelChange(_, .announced): "channels-ntf"
      default: nil
      }
    },
    Field(optional: "cpus", "The CPUs.", .cpus) {
      switch $0 {
      case .cpusOffline(let cpus), .cpusBack(let cpus), .cpusIsolated(let cpus): cpus
      default: nil
      }
    },
    Field(optional: "pid", "irqbalance's process.", .integer) {
      if case .irqbalance(let pid) = $0 { pid } else { nil }
    },
    Field(optional: "since", "When the value was last known to be as set.", .string) {
      if case .otherProgram(let since, _) = $0 { since.description } else { nil }
    },
  ]).shape
}

import Knobs
import ReceivePath
package import Tuning

/// A knob at a place, and its value: what all documents of changes are made of.
package enum SettingJSON {
  package static let shape = Record<Setting>(
    keyFields { $0 } + [Field("value", "Its value.", .knobValue) { $0.value }]
  ).shape

  /// The members that name knob and place.
  static func keyFields<Subject>(
    _ setting: @escaping @Sendable (Subject) -> Setting
  ) -> [Field<Subject>] {
    [
      Field("knob", "The knob.", .string) { setting($0).knob.id },
      Field("place", "Where its value is kept.", place) { setting($0).key },
    ]
  }

  /// Of a knob's value.
  static let place = Record<Setting.Key>([
    Field(optional: "host", "true: it is the host's.", .bool) {
      $0.place == .host && !$0.isOfNamespace ? true : nil
    },
    Field(optional: "netns", "true: it is the network namespace's.", .bool) {
      $0.place == .host && $0.isOfNamespace ? true : nil
    },
    Field(optional: "device", "The device.", .string) { $0.place.device },
    Field(optional: "direction", "rx or tx.", .string) {
      if case .queue(_, let direction, _) = $0.place { direction.rawValue } else { nil }
    },
    Field(optional: "queue", "The queue.", .integer) {
      if case .queue(_, _, let queue) = $0.place { queue } else { nil }
    },
    Field(optional: "napi-rank", "The NAPI instance, counted by ascending id.", .integer) {
      if case .napi(_, let rank) = $0.place { rank } else { nil }
    },
    Field(optional: "interrupt", "The interrupt, by the name of its action.", .string) {
      if case .interrupt(_, let name) = $0.place { name } else { nil }
    },
    Field(optional: "vector-of", "The receive queue whose interrupt it is.", .integer) {
      if case .vector(_, let queue) = $0.place { queue } else { nil }
    },
    Field(optional: "cpu", "The CPU.", .integer) {
      if case .cpu(let cpu) = $0.place { cpu } else { nil }
    },
  ]).shape
}

extension Setting.Key {
  fileprivate var isOfNamespace: Bool { Knob.named(knob)?.scope == .namespace }
}

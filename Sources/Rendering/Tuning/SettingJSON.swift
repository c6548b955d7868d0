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
      Field("place", "Where its value is kept.", place) { setting($0).place },
    ]
  }

  static let place = Record<Place>([
    Field(optional: "host", "true: it is the host's.", .bool) { $0 == .host ? true : nil },
    Field(optional: "device", "The device.", .string) { $0.device },
    Field(optional: "direction", "rx or tx.", .string) {
      if case .queue(_, let direction, _) = $0 { direction.rawValue } else { nil }
    },
    Field(optional: "queue", "The queue.", .integer) {
      if case .queue(_, _, let queue) = $0 { queue } else { nil }
    },
    Field(optional: "napi-rank", "The NAPI instance, counted by ascending id.", .integer) {
      if case .napi(_, let rank) = $0 { rank } else { nil }
    },
    Field(optional: "interrupt", "The interrupt, by the name of its action.", .string) {
      if case .interrupt(_, let name) = $0 { name } else { nil }
    },
    Field(optional: "vector-of", "The receive queue whose interrupt it is.", .integer) {
      if case .vector(_, let queue) = $0 { queue } else { nil }
    },
    Field(optional: "cpu", "The CPU.", .integer) {
      if case .cpu(let cpu) = $0 { cpu } else { nil }
    },
  ]).shape
}

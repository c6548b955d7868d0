import Knobs
import ReceivePath
package import Tuning

/// A knob at a place, and its value: what all documents of changes are made of.
package enum SettingJSON {
  package static let shape = Record<Setting>(
    keyFields { $0 } + [Field("value", "The setting's value.", .knobValue) { $0.value }]
  ).shape

  /// The members that name knob and place.
  static func keyFields<Subject>(
    _ setting: @escaping @Sendable (Subject) -> Setting
  ) -> [Field<Subject>] {
    [
      Field("knob", "Id of the knob.", .string) { setting($0).knob.id },
      Field("place", "Where the value belongs.", place) { setting($0).key },
    ]
  }

  /// Of a knob's value.
  static let place = Record<Setting.Key>([
    Field(optional: "host", "true: the value belongs to the host.", .bool) {
      $0.place == .host && !$0.isOfNamespace ? true : nil
    },
    Field(optional: "netns", "true: the value belongs to the network namespace.", .bool) {
      $0.place == .host && $0.isOfNamespace ? true : nil
    },
    Field(optional: "device", "The device.", .string) { $0.place.device },
    Field(optional: "direction", "Direction of the queue: rx or tx.", .string) {
      if case .queue(_, let direction, _) = $0.place { direction.rawValue } else { nil }
    },
    Field(optional: "queue", "The queue.", .integer) {
      if case .queue(_, _, let queue) = $0.place { queue } else { nil }
    },
    Field(optional: "napi-rank", "Rank of the NAPI instance, by ascending id.", .integer) {
      if case .napi(_, let rank) = $0.place { rank } else { nil }
    },
    Field(optional: "interrupt", "Name of the interrupt's action.", .string) {
      if case .interrupt(_, let name) = $0.place { name } else { nil }
    },
    Field(optional: "vector-of", "The receive queue that the interrupt serves.", .integer) {
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

import Knobs
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
      Field("place", "Where the value belongs.", PlaceJSON.shape) {
        PlaceJSON(setting($0).knob, at: setting($0).place)
      },
    ]
  }
}

extension PlaceJSON {
  init(_ key: Setting.Key) { self.init(key.knob, at: key.place) }
}

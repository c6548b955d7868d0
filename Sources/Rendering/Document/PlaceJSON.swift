import Knobs

/// A place of a knob, as every document tells it: by its durable name, and by what the kernel calls
/// it now where that was looked up.
struct PlaceJSON: Sendable {
  private let isOfNamespace: Bool
  private let place: Place
  private let live: Place

  init(_ knob: Knob?, at place: Place, live: Place? = nil) {
    isOfNamespace = knob?.scope == .namespace
    self.place = place
    self.live = live ?? place
  }

  /// Of no knob in particular.
  init(at place: Place, isOfNamespace: Bool) {
    self.isOfNamespace = isOfNamespace
    self.place = place
    live = place
  }

  static let shape = Record<PlaceJSON>(fields { $0 }).shape

  /// Its members, for an object that has others besides.
  static func fields<Subject>(
    of place: @escaping @Sendable (Subject) -> PlaceJSON
  ) -> [Field<Subject>] {
    [
      Field(optional: "host", "true: the value belongs to the host.", .bool) {
        let place = place($0)
        return place.place == .host && !place.isOfNamespace ? true : nil
      },
      Field(optional: "netns", "true: the value belongs to the network namespace.", .bool) {
        let place = place($0)
        return place.place == .host && place.isOfNamespace ? true : nil
      },
      Field(optional: "device", "The device.", .string) { place($0).place.device },
    ]
      + Place.members.map { member in
        switch member.value {
        case .number(let get):
          Field(optional: member.name, member.summary, .integer) {
            let place = place($0)
            return get(place.place.part) ?? get(place.live.part)
          }
        case .text(let get):
          Field(optional: member.name, member.summary, .string) {
            let place = place($0)
            return get(place.place.part) ?? get(place.live.part)
          }
        }
      }
  }
}

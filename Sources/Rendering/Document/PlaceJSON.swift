import Knobs

/// A place of a knob, as every document tells it: by its durable name, and by what the kernel calls
/// it now where that was looked up.
struct PlaceJSON: Sendable {
  private let knob: Knob?
  private let place: Place
  private let live: Place

  init(_ knob: Knob?, at place: Place, live: Place? = nil) {
    self.knob = knob
    self.place = place
    self.live = live ?? place
  }

  private var isOfNamespace: Bool { knob?.scope == .namespace }

  static let shape = Record<PlaceJSON>(
    [
      Field(optional: "host", "true: the value belongs to the host.", .bool) {
        $0.place == .host && !$0.isOfNamespace ? true : nil
      },
      Field(optional: "netns", "true: the value belongs to the network namespace.", .bool) {
        $0.place == .host && $0.isOfNamespace ? true : nil
      },
      Field(optional: "device", "The device.", .string) { $0.place.device },
    ]
      + Place.members.map { member in
        switch member.value {
        case .number(let get):
          Field(optional: member.name, member.summary, .integer) {
            get($0.place.part) ?? get($0.live.part)
          }
        case .text(let get):
          Field(optional: member.name, member.summary, .string) {
            get($0.place.part) ?? get($0.live.part)
          }
        }
      }
  ).shape
}

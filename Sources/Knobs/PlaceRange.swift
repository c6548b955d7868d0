/// Places that differ in their number alone: "eth0 rx-0 to rx-3".
package struct PlaceRange: CustomStringConvertible {
  private let first: Place
  private var last: Place

  package init(_ place: Place) {
    first = place
    last = place
  }

  /// One longer where `place` is the next; else nil.
  package func continued(by place: Place) -> PlaceRange? {
    guard place.device == last.device, let (stem, number) = last.part.numbered,
      let next = place.part.numbered, next.stem == stem, next.number == number &+ 1
    else { return nil }
    var longer = self
    longer.last = place
    return longer
  }

  /// Neighbours of `places` as one.
  package static func all(_ places: [Place]) -> [PlaceRange] {
    var ranges: [PlaceRange] = []
    for place in places {
      if let longer = ranges.last?.continued(by: place) {
        ranges[ranges.count - 1] = longer
      } else {
        ranges.append(PlaceRange(place))
      }
    }
    return ranges
  }

  package var description: String { words(first.description) }

  /// Of places with values of the knob.
  package func name(for knob: Knob) -> String { words(first.name(for: knob)) }

  private func words(_ first: String) -> String {
    self.first == last ? first : "\(first) to \(last.part)"
  }
}

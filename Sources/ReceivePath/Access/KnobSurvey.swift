package import Knobs

/// A knob at one of its places.
package struct KnobSurvey: Sendable {
  package var knob: Knob
  /// By its durable name, where that is known.
  package var place: Place
  /// The same in the kernel's names of now.
  package var live: Place
  package var reading: Reading<KnobReading>

  package init(_ knob: Knob, at live: Place, place: Place? = nil, _ reading: Reading<KnobReading>) {
    self.knob = knob
    self.place = place ?? live
    self.live = live
    self.reading = reading
  }
}

extension Host {
  /// One knob at all of its places on `devices`. A device that has no such part, and a knob that
  /// only programs set, still get their place in the answer, with the reason.
  package func survey(
    _ knob: Knob, on devices: [String], sharing answers: SharedAnswers, names: PlaceNames
  ) -> [KnobSurvey] {
    guard knob.scope != .socket else {
      let detail = "a program sets it on its own sockets"
      return [KnobSurvey(knob, at: .host, .absent(Absence(.ofPrograms, detail: detail)))]
    }
    guard knob.isOfDevice else { return survey(knob, on: [], at: .host, answers, names) }
    return devices.flatMap { survey(knob, on: [$0], at: .device($0), answers, names) }
  }

  /// - Parameter place: where a knob that has no place is said to be absent.
  private func survey(
    _ knob: Knob, on devices: [String], at place: Place, _ answers: SharedAnswers,
    _ names: PlaceNames
  ) -> [KnobSurvey] {
    do {
      let places = try places(of: knob, on: devices, sharing: answers)
      guard places.isEmpty else {
        return places.map {
          KnobSurvey(
            knob, at: $0, place: try? names.durable($0),
            reading(of: knob, at: $0, sharing: answers))
        }
      }
      let detail = "\(place) has no \(knob.scope.plural)"
      return [KnobSurvey(knob, at: place, .absent(Absence(.notSupported, detail: detail)))]
    } catch {
      return [KnobSurvey(knob, at: place, .absent(absence(error, knob)))]
    }
  }
}

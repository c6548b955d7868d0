package import Knobs

extension Host {
  /// One knob at all of its places on `devices`. A device that has no such part, and a knob that
  /// only programs set, still get their place in the answer, with the reason.
  package func survey(
    _ knob: Knob, on devices: [String], sharing answers: SharedAnswers
  ) -> [(target: Target, reading: Reading<KnobReading>)] {
    switch knob.scope {
    case .socket:
      let detail = "a program sets it on its own sockets"
      return [(.host, .absent(Absence(.ofPrograms, detail: detail)))]
    case .host, .namespace, .cpu:
      return survey(knob, on: [], at: .host, answers)
    case .device, .rxQueue, .txQueue, .napi, .irq:
      return devices.flatMap { survey(knob, on: [$0], at: .device($0), answers) }
    }
  }

  /// - Parameter place: where a knob that has no place is said to be absent.
  private func survey(
    _ knob: Knob, on devices: [String], at place: Target, _ answers: SharedAnswers
  ) -> [(target: Target, reading: Reading<KnobReading>)] {
    do {
      let targets = try targets(of: knob, on: devices, sharing: answers)
      guard targets.isEmpty else {
        return targets.map { ($0, reading(of: knob, at: $0, sharing: answers)) }
      }
      let detail = "\(place) has no \(knob.scope.plural)"
      return [(place, .absent(Absence(.notSupported, detail: detail)))]
    } catch {
      return [(place, .absent(absence(error, knob)))]
    }
  }
}

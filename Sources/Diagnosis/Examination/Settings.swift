package import Knobs
package import ReceivePath

/// Knobs of the host, its network namespace and its CPUs, as they were read for the rules.
package struct Settings: Sendable {
  private var readings: [String: [(place: Place, reading: Reading<KnobReading>)]] = [:]

  package init() {}

  package mutating func add(_ knob: Knob, at place: Place = .host, _ reading: Reading<KnobReading>)
  {
    readings[knob.id, default: []].append((place, reading))
  }

  /// Of the host, or its network namespace.
  package subscript(knob: Knob) -> Reading<KnobReading> {
    readings[knob.id]?.first?.reading ?? .absent(Absence(.unreadable, detail: "not asked for"))
  }

  /// At each of its places.
  package func all(_ knob: Knob) -> [(place: Place, reading: Reading<KnobReading>)] {
    readings[knob.id] ?? []
  }

  /// nil where it is not a number, or was not told.
  package func number(_ knob: Knob) -> Int64? {
    if case .number(let number)? = self[knob].value?.value { number } else { nil }
  }

  /// The first, middle and last of a knob like udp_mem; nil where it has none.
  package func numbers(_ knob: Knob) -> [Int64]? {
    if case .numbers(let numbers)? = self[knob].value?.value { numbers } else { nil }
  }

  /// A knob's number as evidence.
  package func evidence(_ knob: Knob) -> Diagnosis.Evidence? {
    guard let reading = self[knob].value else { return nil }
    if case .number(let number) = reading.value {
      return Diagnosis.Evidence(knob.id, number, from: reading.origin)
    }
    return Diagnosis.Evidence(knob.id, reading.value.description, from: reading.origin)
  }
}

extension Host {
  /// What the rules read: each knob at each of its places.
  package func settings(of knobs: [Knob]) -> Settings {
    var settings = Settings()
    let answers = SharedAnswers()
    var seen: Set<String> = []
    for knob in knobs where seen.insert(knob.id).inserted {
      for place in (try? places(of: knob, on: [], sharing: answers)) ?? [] {
        settings.add(knob, at: place, reading(of: knob, at: place, sharing: answers))
      }
    }
    return settings
  }
}

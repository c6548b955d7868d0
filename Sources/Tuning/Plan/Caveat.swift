package import Knobs

/// Something about a plan that its reader must know before it is carried out.
package struct Caveat: Hashable, Sendable, CustomStringConvertible {
  package enum Severity: String, Sendable, Hashable, CaseIterable {
    /// Told, and no obstacle.
    case note
    /// Refused unless --force is given.
    case danger
    /// Cannot be.
    case impossible
  }

  package var severity: Severity
  /// nil where it is about the place, whatever is set there.
  package var knob: Knob?
  /// nil where it is about the knob, wherever it is set.
  package var place: Place?
  package var text: String
  /// What to do about it.
  package var remedy: String?

  package init(
    _ severity: Severity, _ knob: Knob, at place: Place?, _ text: String, remedy: String? = nil
  ) {
    (self.severity, self.knob, self.place) = (severity, knob, place)
    (self.text, self.remedy) = (text, remedy)
  }

  /// About a device or the host, rather than about a knob of it.
  package init(_ severity: Severity, at place: Place, _ text: String, remedy: String? = nil) {
    (self.severity, self.place, self.text, self.remedy) = (severity, place, text, remedy)
  }

  /// What it is about: "eth0 channels.combined", "host".
  package var subject: String {
    guard let knob else { return place?.description ?? "" }
    return place.map { "\($0.name(for: knob)) \(knob.id)" } ?? knob.id
  }

  package var description: String { sentence(about: subject) }

  fileprivate func sentence(about subject: String, _ state: String? = nil) -> String {
    (["\(subject): \(text)."] + [state, remedy].compactMap(\.self)).joined(separator: " ")
  }
}

/// What is found of one knob at many places in the same words, and is said once.
package struct CaveatGroup {
  package let first: Caveat
  private var places: [Place] = []
  private var count = 1

  private init(_ caveat: Caveat) {
    first = caveat
    places = [caveat.place].compactMap(\.self)
  }

  package static func groups(_ caveats: [Caveat]) -> [CaveatGroup] {
    var groups: [CaveatGroup] = []
    for caveat in caveats {
      if let index = groups.firstIndex(where: { $0.says(caveat) }) {
        groups[index].places += [caveat.place].compactMap(\.self)
        groups[index].count += 1
      } else {
        groups.append(CaveatGroup(caveat))
      }
    }
    return groups
  }

  private func says(_ caveat: Caveat) -> Bool {
    var like = first
    like.place = caveat.place
    return caveat.knob != nil && like == caveat
  }

  package var sentence: String { first.sentence(about: subject) }

  /// A sentence for each thing that keeps a change from being made, the last with what that means.
  package static func refusals(_ caveats: [Caveat]) -> [String] {
    let groups = Self.groups(caveats)
    return groups.enumerated().map { index, group in
      let isLast = index == groups.count - 1
      return group.first.sentence(about: group.subject, isLast ? "Nothing was changed." : nil)
    }
  }

  /// Without what to do about it.
  package var bare: String { "\(subject): \(first.text). Nothing was changed." }

  /// "eth0 tx-0 to tx-7 queue.xps-cpus", where all are queues of one device.
  private var subject: String {
    guard count > 1, let knob = first.knob else { return first.subject }
    let areQueues = places.allSatisfy { place in
      if case .queue = place.part { place.device == places.first?.device } else { false }
    }
    return areQueues && places.count == count
      ? "\(Place.named(places)) \(knob.id)" : "\(first.subject) and \(count - 1) more"
  }
}

import Knobs

/// A journal in the names that its devices have now, without what belongs to devices that are
/// gone: that went with them, and another of their name has nothing to do with it.
package struct PresentJournal {
  package let journal: Journal
  /// "v0 is web0 now", each.
  package let renamings: [String]
  /// "v0 is gone", each.
  package let departures: [String]
  private let names: [(then: String, now: String?)]

  package init(_ journal: Journal, _ identities: Identities) {
    var names: [(then: String, now: String?)] = []
    var renamings: [String] = []
    var departures: [String] = []
    for device in journal.devices {
      let now = identities.current(device)
      names.append((device.name, now?.name))
      if let now {
        if now.name != device.name { renamings.append("\(device.name) is \(now.name) now") }
      } else if let other = identities.named(device.name),
        let difference = other.difference(from: device)
      {
        departures.append("\(device.name) is another device now (\(difference))")
      } else {
        departures.append("\(device.name) is gone")
      }
    }
    self.names = names
    self.renamings = renamings
    self.departures = departures
    guard !renamings.isEmpty || !departures.isEmpty else {
      self.journal = journal
      return
    }
    self.journal = journal.renamed { name in
      names.first { $0.then == name }.map(\.now) ?? name
    }
  }

  /// Whether all that the change was made for has gone.
  package var isGone: Bool { journal.wanted.isEmpty && !departures.isEmpty }

  /// The key in the names of then, as the journal's events have it.
  func then(_ key: Setting.Key) -> Setting.Key {
    let then = names.first { $0.now != nil && $0.now == key.place.device }?.then
    return Setting.Key(key.knob, at: then.map(key.place.on) ?? key.place)
  }
}

extension Journal {
  /// - Parameter name: another name for that of a device; nil drops what is the device's.
  fileprivate func renamed(_ name: (String) -> String?) -> Journal {
    func renamed(_ place: Place) -> Place? {
      guard let device = place.device else { return place }
      return name(device).map { $0 == device ? place : place.on($0) }
    }
    func renamed(_ key: Setting.Key) -> Setting.Key? {
      renamed(key.place).map { Setting.Key(key.knob, at: $0) }
    }
    func renamed(_ setting: Setting) -> Setting? {
      renamed(setting.place).map { Setting(setting.knob, at: $0, setting.value) }
    }
    func renamed(_ kind: Kind) -> Kind? {
      switch kind {
      case .settled(let key, let value): renamed(key).map { .settled($0, value) }
      case .fingerprint(let device?, let fingerprint):
        name(device).map { .fingerprint(device: $0, fingerprint) }
      case .incomplete(let owed):
        .incomplete(
          owed.map(typed).compactMap { debt in
            guard let key = debt.key else { return debt }
            return renamed(key).map { Debt($0, debt.reason) }
          })
      case .fingerprint(nil, _), .committed, .awaiting, .confirmed, .rollingBack, .rolledBack,
        .deviceGone:
        kind
      }
    }
    var journal = self
    journal.devices = devices.compactMap { device in
      name(device.name).map {
        DeviceIdentity(name: $0, ifindex: device.ifindex, address: device.address)
      }
    }
    journal.before = before.compactMap(renamed)
    journal.wanted = wanted.compactMap(renamed)
    journal.leftAlone = leftAlone.compactMap(renamed)
    journal.events = events.compactMap { event in
      renamed(event.kind).map { Event($0, at: event.time) }
    }
    return journal
  }

  /// What a rollback has yet to restore: what is owed of one that was rolled back in part, and
  /// all that there was before of another.
  var due: [Setting] {
    guard case .incomplete = state else { return before }
    let keys = owed.map(\.key)
    // A journal of an older release may not tell.
    return keys.contains(nil) ? before : before.filter { keys.contains($0.key) }
  }
}

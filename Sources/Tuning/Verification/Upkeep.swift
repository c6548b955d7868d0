/// How the changes in force fare, in numbers: what is worth an alert.
package struct Upkeep: Hashable, Sendable {
  /// That changes in force set.
  package var settings: Int
  /// Of these: with another value now; whose value cannot be read.
  package var drifted: Int
  package var unreadable: Int
  /// A change waits to be confirmed, and is rolled back without it.
  package var isPending: Bool

  package init(settings: Int = 0, drifted: Int = 0, unreadable: Int = 0, isPending: Bool = false) {
    self.settings = settings
    self.drifted = drifted
    self.unreadable = unreadable
    self.isPending = isPending
  }
}

extension Changes {
  /// - Throws: where nobody may read the journals.
  package func upkeep() throws -> Upkeep {
    let isPending = try entries().contains { entry in
      if case .awaiting = try? entry.journal.get().state { true } else { false }
    }
    var upkeep = Upkeep(isPending: isPending)
    for row in try verification().rows {
      upkeep.settings += 1
      switch row.found {
      case .wanted: continue
      case .other: upkeep.drifted += 1
      case .unreadable: upkeep.unreadable += 1
      }
    }
    return upkeep
  }
}

import Tuning

extension Metric {
  private static func upkeep(
    _ name: String, _ help: String, _ value: @escaping @Sendable (Upkeep) -> Int
  ) -> Metric {
    Metric(name, .gauge, help, [], of: { reading in reading.upkeep.map { [$0] } ?? [] }) {
      .count(UInt64(clamping: value($0)))
    }
  }

  /// Whether what rxtune set still holds: no other exporter knows what was meant.
  static let upkeep: [Metric] = [
    upkeep("rxtune_settings_in_force", "Settings that changes in force set.") { $0.settings },
    upkeep("rxtune_settings_drifted", "Settings in force that have another value now.") {
      $0.drifted
    },
    upkeep("rxtune_settings_unreadable", "Settings in force whose value cannot be read.") {
      $0.unreadable
    },
    upkeep(
      "rxtune_change_pending",
      "1 while a change waits for rxtune confirm and is rolled back without it."
    ) { $0.isPending ? 1 : 0 },
  ]
}

import Knobs

extension Policy {
  /// As much as the device reports.
  package static let max = Policy(
    "max", "the maximum that the device reports",
    Use(suits: {
      if case (.number, .reported) = ($0.form, $0.range) { true } else { false }
    }) { $0.maximum.map { .number($0) } })
}

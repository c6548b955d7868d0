import Knobs

extension Policy {
  /// Where the driver would have it (affinity_hint).
  static let hint = Policy(
    "hint", "where the driver suggests (affinity_hint)",
    .queues(.irqAffinity) { placement, queue in
      let locality = placement.locality
      guard let hint = locality.vectors[queue]?.hint?.intersection(locality.online), !hint.isEmpty
      else { return nil }
      return hint
    })
}

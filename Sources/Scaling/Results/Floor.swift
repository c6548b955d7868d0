/// What a call costs that does next to nothing: no transaction can be cheaper than the calls that
/// it makes.
package struct Floor: Codable, Hashable, Sendable {
  package var name: String
  /// Median of some rounds, a call or a pair of them; nil where the kernel refuses it.
  package var nanoseconds: Double?
  /// Why it does.
  package var reason: String?
}

/// Puts the host into the state that a variant of a plan names, for one run at a time.
///
/// What a state is, a tuning profile for instance, is the business of whoever makes the plan.
package protocol Staging {
  /// Before a run; what was changed, for the record.
  func set(_ variant: String) throws -> [String]
  /// After the run, however it ended: all is as it was before `set`.
  func reset() throws
}

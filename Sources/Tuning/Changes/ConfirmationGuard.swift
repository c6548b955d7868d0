package import KernelIO

/// The process that rolls a change back unless it is confirmed in time, by a person or by the
/// command that waited for the link.
///
/// It is a child of its own session, so that it outlives the terminal that the change may have
/// cut off; it is up before the first write.
package enum ConfirmationGuard {
  package static func start(
    _ id: String, within milliseconds: Int64, _ state: String
  ) throws(KernelError) {
    try DetachedProcess.start([
      "confirmation-guard", id, "\(milliseconds)", "--state-dir", state,
    ])
  }
}

/// How often the locks of one listener were found taken while a run was traced.
package struct ListenerLocks: Codable, Hashable, Sendable {
  package enum Kind: String, Codable, CodingKeyRepresentable, CaseIterable, Sendable {
    /// accept(2) owns the socket from lock_sock to release_sock.
    case socket
    /// Of the accept queue: a finished handshake joins it, accept(2) takes from it.
    case queue
    /// Of those who sleep on the socket, epolls included: held while they are woken.
    case sleepers
  }

  /// The connections that joined the accept queue in all slots.
  package var connections: UInt64
  package var locks: [Kind: LockSample]
}

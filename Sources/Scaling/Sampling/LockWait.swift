/// Time that CPUs spun for locks, by what the lock has to do with a listen socket.
package struct LockWait: Codable, Hashable, Sendable {
  package struct Sum: Codable, Hashable, Sendable {
    package var nanoseconds: UInt64 = 0
    package var count: UInt64 = 0

    mutating func add(_ nanoseconds: UInt64, _ count: UInt64) {
      self.nanoseconds &+= nanoseconds
      self.count &+= count
    }
  }

  /// In accept(2): the socket's own lock, or its accept queue's.
  package var accept = Sum()
  /// In softirq, where a finished handshake joins the accept queue.
  package var queue = Sum()
  /// In softirq, where those who sleep on the listener are woken, epolls included.
  package var wakeUp = Sum()
  /// The scheduler's, memory's and all others.
  package var other = Sum()
  /// Of those in `other`, they whose stack was lost; nil in results of before that was told.
  package var lost: Sum?

  package init() { lost = Sum() }

  static let accepting: Set = ["inet_csk_accept", "inet_accept", "io_accept"]

  /// What a listener shared by many can be waited for.
  package var listener: UInt64 {
    accept.nanoseconds &+ queue.nanoseconds &+ wakeUp.nanoseconds
  }

  package var total: UInt64 { listener &+ other.nanoseconds }

  /// By the functions of a stack, innermost first (net/ipv4/inet_connection_sock.c,
  /// net/ipv4/tcp_minisocks.c, net/core/sock.c).
  mutating func add(_ stack: [String], nanoseconds: UInt64, count: UInt64) {
    func has(_ names: Set<String>) -> Bool { stack.contains { names.contains($0) } }
    let place: WritableKeyPath<LockWait, Sum>
    if has(Self.accepting) {
      place = \.accept
    } else if has(["inet_csk_reqsk_queue_add", "inet_csk_complete_hashdance"]) {
      place = \.queue
    } else if has(["tcp_child_process"]) && has(["sock_def_readable"]) {
      // Elsewhere sock_def_readable wakes who sleeps on a connection.
      place = \.wakeUp
    } else {
      place = \.other
    }
    self[keyPath: place].add(nanoseconds, count)
    if stack.isEmpty { lost?.add(nanoseconds, count) }
  }
}

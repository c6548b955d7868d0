/// What the idle time of CPUs, as shares of their time, says of who was the limit.
enum Idleness {
  /// A CPU with less of its time idle counts as full.
  static let full = 0.10

  /// The load generator's CPUs were full and the server's, which are others, were not.
  static func isClientTheLimit(client: Double, server: Double) -> Bool {
    client < full && server > client + 0.05
  }
}

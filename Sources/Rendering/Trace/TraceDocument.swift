package import Live

/// `rxtune trace`: where the time of packets goes.
package struct TraceDocument: Sendable {
  let trace: Trace
  /// List drops by reason and place, and do not only count them.
  let listsDrops: Bool

  package init(_ trace: Trace, listsDrops: Bool = false) {
    self.trace = trace
    self.listsDrops = listsDrops
  }
}

package import KernelIO

/// How full the table of tracked connections is: net.netfilter.nf_conntrack_count and _max
/// (networking/nf_conntrack-sysctl.rst). The count is the network namespace's, the limit the host's.
package struct ConnectionTracking: Hashable, Sendable {
  package var count: Int
  package var maximum: Int

  package init(count: Int, maximum: Int) {
    self.count = count
    self.maximum = maximum
  }
}

extension Host {
  /// Absent where nf_conntrack is not loaded.
  package func connectionTracking() throws(KernelError) -> ConnectionTracking {
    ConnectionTracking(
      count: try kernel.integer(.proc("sys/net/netfilter/nf_conntrack_count")),
      maximum: try kernel.integer(.proc("sys/net/netfilter/nf_conntrack_max")))
  }
}

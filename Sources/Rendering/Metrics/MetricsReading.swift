package import ReceivePath
package import Tuning

/// What metrics are made of.
package struct MetricsReading: Sendable {
  /// rxtune's own.
  package var version: String
  /// With their counters; none where they were not asked for.
  package var devices: [DeviceQueues] = []
  /// TCP sockets that listen; nil where sock_diag does not tell.
  package var listeners: [InetSocket]?
  /// nil where nobody may read the journals, and of a recorded host.
  package var upkeep: Upkeep?

  package init(version: String) { self.version = version }
}

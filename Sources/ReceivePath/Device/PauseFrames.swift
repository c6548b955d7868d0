package import KernelIO
package import Netlink

/// Ethernet flow control frames that a device counted (ETHTOOL_MSG_PAUSE_GET with ETHTOOL_FLAG_STATS,
/// since 5.10; networking/statistics.rst).
package struct PauseFrames: Hashable, Sendable {
  /// Sent to the link partner: this host cannot keep up. nil where the driver does not count them.
  package var sent: UInt64?
  /// Received: the partner asks this host to wait.
  package var received: UInt64?

  private enum Key: UInt16 { case statistics = 5 }
  private enum StatisticsKey: UInt16 {
    case sent = 2
    case received = 3
  }

  package init(sent: UInt64?, received: UInt64?) {
    self.sent = sent
    self.received = received
  }

  package init(_ reply: Attributes) throws(DecodeError) {
    let statistics = try reply[Key.statistics]?.nested()
    sent = try statistics?[StatisticsKey.sent]?.uint()
    received = try statistics?[StatisticsKey.received]?.uint()
  }
}

extension Host {
  /// - Throws: EOPNOTSUPP where the driver has no flow control, or does not count its frames.
  package func pauseFrames(_ device: String) throws(KernelError) -> PauseFrames {
    let reply = try ethtool(.pauseGet, device, withStatistics: true)
    let subject = "ethtool pause-get \(device)"
    let frames = try decoding(subject) { () throws(DecodeError) in try PauseFrames(reply) }
    guard frames.sent != nil || frames.received != nil else {
      throw KernelError("netlink", subject, .notSupported)
    }
    return frames
  }
}

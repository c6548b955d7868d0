package import KernelIO
import Knobs

/// How many queues the device serves, by kind: ETHTOOL_MSG_CHANNELS_GET (ethtool -l).
package struct Channels: Hashable, Sendable {
  package var parameters: EthtoolParameters

  /// Queues that receive: receive-only and combined channels.
  package var receiving: Int {
    Int(clamping: (parameters.number("rx") ?? 0))
      + Int(clamping: parameters.number("combined") ?? 0)
  }
}

extension Host {
  package func channels(_ device: String) throws(KernelError) -> Channels {
    Channels(parameters: try ethtoolParameters(.channels, device))
  }
}

package import KernelIO
import Knobs

/// When the device interrupts: ETHTOOL_MSG_COALESCE_GET (ethtool -c).
package struct Coalescing: Hashable, Sendable {
  package var parameters: EthtoolParameters
}

extension Host {
  package func coalescing(_ device: String) throws(KernelError) -> Coalescing {
    Coalescing(parameters: try ethtoolParameters(.coalesce, device))
  }
}

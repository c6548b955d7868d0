import KernelIO
import Notation

extension Host {
  /// net.core.netdev_rss_key: the random key that drivers may fill theirs from; zeroes while none
  /// did (sysctl/net.rst). Empty where it cannot be read.
  package func systemHashKey() -> [UInt8] {
    let text = try? kernel.text(.proc("sys/net/core/netdev_rss_key"))
    return text.flatMap { Hex.bytes($0, separator: ":") } ?? []
  }
}

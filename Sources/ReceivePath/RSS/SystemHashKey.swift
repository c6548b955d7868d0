import KernelIO

extension Host {
  /// net.core.netdev_rss_key: the random key that drivers may fill theirs from; zeroes while none
  /// did (sysctl/net.rst). Empty where it cannot be read.
  package func systemHashKey() -> [UInt8] {
    let text = try? kernel.text(.proc("sys/net/core/netdev_rss_key"))
    let bytes = (text ?? "").split(separator: ":").map { UInt8($0, radix: 16) }
    return bytes.contains(nil) ? [] : bytes.compactMap { $0 }
  }
}

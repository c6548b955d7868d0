package import KernelIO
import Netlink

extension Host {
  /// The traffic class of a transmit queue, and of the receive queue of that number where they share a
  /// channel: 0 where the device has none but that (tc-mqprio(8); /sys/class/net/DEV/queues/tx-N/
  /// traffic_class, since 4.18).
  ///
  /// - Throws: ENOENT where the device has one queue, EINVAL where no class has this one.
  package func trafficClass(_ link: Link, queue: Int) throws(KernelError) -> Int {
    let path = link.devicePath("queues/tx-\(queue)/traffic_class")
    // "1", or "0-1" of a class handed to a device above (netdev_bind_sb_channel_queue).
    let text = try kernel.text(path).split(separator: "-").first ?? ""
    guard let number = Int(text), number >= 0 else {
      throw KernelError(
        path.description, DecodeError(path.description, offset: 0, "\"\(text)\" is no class"))
    }
    return number
  }
}

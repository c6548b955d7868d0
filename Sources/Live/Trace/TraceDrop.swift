import KernelIO
import Netlink

/// Packets that the kernel dropped for one reason at one place (the tracepoint kfree_skb).
package struct TraceDrop: Hashable, Sendable {
  /// enum skb_drop_reason without its prefix, "SOCKET_RCVBUFF"; the number where the kernel's types
  /// do not name it.
  package var reason: String
  /// The function that dropped it; nil where addresses are hidden.
  package var function: String?
  package var address: UInt64
  /// The device that received the packet; nil of one that was not followed: another device's,
  /// or one on its way out.
  package var ifindex: UInt32?
  package var count: UInt64

  package init(
    reason: String, function: String?, address: UInt64, ifindex: UInt32?, count: UInt64
  ) {
    self.reason = reason
    self.function = function
    self.address = address
    self.ifindex = ifindex
    self.count = count
  }
}

/// What a reason's number means, in one kernel's words.
struct DropReasons {
  let names: [UInt32: String]

  init(names: [UInt32: String]) { self.names = names }

  init(_ types: BTF) { self.init(names: types.enumeration("skb_drop_reason")) }

  /// Subsystems (mac80211, openvswitch) have reasons of their own above the lowest 16 bits.
  func name(of reason: UInt32) -> String {
    guard let name = names[reason] else { return "\(reason)" }
    for prefix in ["SKB_DROP_REASON_", "SKB_"] where name.hasPrefix(prefix) {
      return String(name.dropFirst(prefix.count))
    }
    return name
  }
}

extension TraceDrop {
  /// From the map `drops` of stages.bpf.c, the most frequent first.
  static func all(
    _ entries: [(key: [UInt8], value: [UInt8])], _ reasons: DropReasons, _ symbols: KernelSymbols?
  ) -> [TraceDrop] {
    let drops = entries.compactMap { entry -> TraceDrop? in
      var reader = ByteReader(entry.key, "drop")
      guard let address: UInt64 = try? reader.integer("location"),
        let reason: UInt32 = try? reader.integer("reason"),
        let ifindex: UInt32 = try? reader.integer("ifindex")
      else { return nil }
      return TraceDrop(
        reason: reasons.name(of: reason), function: symbols?.name(of: address), address: address,
        ifindex: ifindex == 0 ? nil : ifindex, count: hostInteger(entry.value.prefix(8)))
    }
    return drops.sorted { ($1.count, $0.address) < ($0.count, $1.address) }
  }
}

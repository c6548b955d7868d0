/// A setting below /proc/sys, before the rest of it is told.
extension Knob {
  static let int32 = Range.between(0, Int64(Int32.max))
  static let positiveInt32 = Range.between(1, Int64(Int32.max))
  static let uint32 = Range.between(0, Int64(UInt32.max))

  /// - Parameter name: as sysctl(8) spells it; also the knob's id, and its path with "/".
  static func sysctl(
    _ name: String, _ stage: Stage, scope: Scope = .host, _ summary: String, _ unit: Unit,
    _ range: Range = int32, fields: [String] = [], default defaultValue: String?,
    risks: [Risk] = [], invalidates: [Reset] = [], document: String, since: String? = nil,
    settles: Settling = .exact, writable: Bool = true, notes: String? = nil
  ) -> Knob {
    Knob(
      id: name, stage: stage, scope: scope, summary: summary, unit: unit, range: range,
      fields: fields, access: .sysctl(String(name.map { $0 == "." ? "/" : $0 })),
      defaultValue: defaultValue, settles: settles,
      // What is of the host alone concerns all of its devices, namespaces and sockets.
      risks: scope == .host && writable && !risks.contains(.host) ? risks + [.host] : risks,
      invalidates: invalidates, document: document, since: since, notes: notes,
      isWritable: writable)
  }
}

/// Kernel documents that knobs point to, below Documentation/.
enum Document {
  static let scaling = "networking/scaling.rst"
  static let napi = "networking/napi.rst"
  static let ethtool = "networking/ethtool-netlink.rst"
  static let link = "netlink/specs/rt-link.yaml"
  static let netSysctl = "admin-guide/sysctl/net.rst"
  static let ipSysctl = "networking/ip-sysctl.rst"
  static let queues = "ABI/testing/sysfs-class-net-queues"
  static let device = "ABI/testing/sysfs-class-net"
  static let irqAffinity = "core-api/irq/irq-affinity.rst"
  static let cpuidle = "admin-guide/pm/cpuidle.rst"
  static let cpufreq = "admin-guide/pm/cpufreq.rst"
  static let latency = "power/pm_qos_interface.rst"
}

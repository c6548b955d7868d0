package import KernelIO
import Knobs
import ReceivePath

/// The host that was measured, as far as it bears on the figures.
package struct Machine: Codable, Hashable, Sendable {
  package var hostName: String
  package var kernel: String
  package var kernelBuild: String
  package var processor: String?
  package var isVirtual: Bool
  package var onlineCPUs: [Int]
  package var numaNodes: Int
  package var memoryKilobytes: Int?
  /// CPU quotas on this process; nil in results of before that was told.
  package var quotas: [CPUQuota]?
  /// Settings by the name that sysctl(8) gives them; those of a network namespace are of the one
  /// that was measured in (before format 2: the host's).
  package var settings: [String: String]

  /// The sysctls that a listen socket's figures depend on.
  package static let settingNames = [
    "net.core.somaxconn", "net.core.netdev_budget", "net.core.netdev_budget_usecs",
    "net.core.netdev_max_backlog", "net.core.rps_sock_flow_entries", "net.core.busy_poll",
    "net.core.rmem_default", "net.core.wmem_default", "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_abort_on_overflow", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_max_orphans",
    "net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_mem", "net.ipv4.tcp_migrate_req",
    "net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_wmem",
    "net.ipv4.udp_mem", "kernel.io_uring_disabled",
    "kernel.sched_autogroup_enabled", "kernel.numa_balancing",
  ]

  package init(_ kernel: some Kernel) {
    func text(_ path: KernelPath) -> String? { try? kernel.text(path) }
    hostName = text(.proc("sys/kernel/hostname")) ?? "unknown"
    self.kernel = text(.proc("sys/kernel/osrelease")) ?? "unknown"
    kernelBuild = text(.proc("sys/kernel/version")) ?? "unknown"
    let lines = (text(.proc("cpuinfo")) ?? "").split(separator: "\n")
    func value(_ key: String) -> String? {
      lines.first { $0.hasPrefix(key) }?.split(separator: ":", maxSplits: 1).last.map {
        String($0.drop { $0 == " " })
      }
    }
    processor = value("model name")
    isVirtual = value("flags")?.split(separator: " ").contains("hypervisor") ?? false
    onlineCPUs = AllowedCPUs.current(kernel).cpus
    numaNodes = max(1, (try? Host(kernel).numaNodes())?.count ?? 1)
    memoryKilobytes = text(.proc("meminfo")).flatMap { memory in
      memory.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }?
        .split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    quotas = CPUQuota.current(kernel)
    settings = Self.settings(kernel)
  }

  /// As this process's network namespace has them; what is the host's alone is absent in another.
  static func settings(_ kernel: some Kernel) -> [String: String] {
    settingNames.reduce(into: [:]) { settings, name in
      settings[name] = (try? kernel.sysctl(name)).map { String($0.map { $0 == "\t" ? " " : $0 }) }
    }
  }

  /// A namespace has these of its own, made with the kernel's defaults.
  static func isOfNamespace(_ setting: String) -> Bool {
    guard let knob = Knob.named(setting) else { return setting.hasPrefix("net.ipv4.") }
    return knob.scope == .namespace
  }
}

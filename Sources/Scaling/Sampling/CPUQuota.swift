package import KernelIO

/// A limit that a cgroup of this process, or one above it, sets on its CPU time: cpu.max
/// (admin-guide/cgroup-v2.rst), in version 1 cpu.cfs_quota_us (scheduler/sched-bwc.rst).
package struct CPUQuota: Codable, Hashable, Sendable, CustomStringConvertible {
  /// As proc_pid_cgroup(5) has it: "/system.slice/db.service".
  package var cgroup: String
  /// Microseconds of CPU time that may be used in each period.
  package var quota: UInt64
  /// Microseconds.
  package var period: UInt64

  package init(cgroup: String, quota: UInt64, period: UInt64) {
    self.cgroup = cgroup
    self.quota = quota
    self.period = period
  }

  /// How many CPUs it comes to.
  package var cpus: Double { period > 0 ? Double(quota) / Double(period) : 0 }

  /// "0.5 CPUs (cgroup /db)"
  package var description: String {
    let decimals = [0, 1].first { Double(Format.fixed(cpus, $0)) == cpus } ?? 2
    return "\(Format.fixed(cpus, decimals)) CPU\(cpus == 1 ? "" : "s") (cgroup \(cgroup))"
  }

  /// Those in force, from this process's own cgroup up.
  package static func current(_ kernel: some Kernel) -> [CPUQuota] {
    CPUThrottling.current(kernel).map(\.quota)
  }
}

/// What a quota held back: `cpu.stat` of its cgroup.
package struct CPUThrottling: Codable, Hashable, Sendable {
  package var quota: CPUQuota
  /// Periods at whose end the quota was used up (nr_throttled).
  package var periods: UInt64
  /// Microseconds that threads were kept from running, over all CPUs.
  package var microseconds: UInt64

  static func current(_ kernel: some Kernel) -> [CPUThrottling] {
    guard let own = try? kernel.text(.proc("self/cgroup")),
      let mounts = try? kernel.text(.proc("self/mountinfo"))
    else { return [] }
    return CgroupHierarchy.all(own, mounts).flatMap { hierarchy in
      hierarchy.levels.compactMap { hierarchy.throttling($0, kernel) }
    }
  }

  /// Of the quotas that were in force at both ends; those that changed in between are left out.
  static func difference(_ later: [Self], _ earlier: [Self]) -> [Self] {
    later.compactMap { now in
      guard let before = earlier.first(where: { $0.quota == now.quota }),
        now.periods >= before.periods, now.microseconds >= before.microseconds
      else { return nil }
      var difference = now
      difference.periods -= before.periods
      difference.microseconds -= before.microseconds
      return difference
    }
  }
}

/// A mounted hierarchy of cgroups that can limit CPU time, and this process's place in it.
struct CgroupHierarchy: Hashable {
  enum Version { case one, two }

  struct Level: Hashable {
    var cgroup: String
    var directory: KernelPath
  }

  var version: Version
  /// From the process's own cgroup up to the highest that can be seen.
  var levels: [Level]

  /// By the texts of /proc/self/cgroup and /proc/self/mountinfo.
  static func all(_ cgroups: String, _ mounts: String) -> [CgroupHierarchy] {
    cgroups.split(separator: "\n").compactMap { line in
      // "4:cpu,cpuacct:/path", of version 2 "0::/path".
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      let version: Version
      if fields[0] == "0" && fields[1].isEmpty {
        version = .two
      } else if fields[1].split(separator: ",").contains("cpu") {
        version = .one
      } else {
        return nil
      }
      return mounts.split(separator: "\n").lazy
        .compactMap { levels(of: String(fields[2]), version, $0) }.first
        .map { CgroupHierarchy(version: version, levels: $0) }
    }
  }

  /// nil where that line of mountinfo is another file system, or shows another part of the tree.
  private static func levels(of cgroup: String, _ version: Version, _ mount: Substring)
    -> [Level]?
  {
    // "36 35 0:30 ROOT MOUNTPOINT rw - cgroup SOURCE rw,cpu,cpuacct"
    let fields = mount.split(separator: " ")
    guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count >= dash + 4,
      fields[dash + 1] == (version == .one ? "cgroup" : "cgroup2"),
      version == .two || fields[dash + 3].split(separator: ",").contains("cpu")
    else { return nil }
    let top = fields[3] == "/" ? "" : String(fields[3])
    let own = cgroup == "/" ? "" : cgroup
    // Outside of this process's cgroup namespace the path leads up: "/../..".
    guard own == top || own.hasPrefix(top + "/"), !own.split(separator: "/").contains("..") else {
      return nil
    }
    var names = own.dropFirst(top.count).split(separator: "/")
    var levels: [Level] = []
    while true {
      let below = names.map { "/\($0)" }.joined()
      guard let directory = KernelPath(String(fields[4]) + below) else { return nil }
      let name = top + below
      levels.append(Level(cgroup: name.isEmpty ? "/" : name, directory: directory))
      if names.popLast() == nil { return levels }
    }
  }

  /// nil where it sets no limit.
  func throttling(_ level: Level, _ kernel: some Kernel) -> CPUThrottling? {
    func text(_ name: String) -> String? { try? kernel.text(level.directory.appending(name)) }
    let limit =
      version == .two
      ? text("cpu.max")
      : text("cpu.cfs_quota_us").flatMap { quota in
        text("cpu.cfs_period_us").map { "\(quota) \($0)" }
      }
    // "50000 100000"; without a limit the first is "max", or -1.
    let numbers = (limit ?? "").split(separator: " ").map { UInt64($0) }
    guard numbers.count == 2, let quota = numbers[0], let period = numbers[1] else { return nil }
    var throttling = CPUThrottling(
      quota: CPUQuota(cgroup: level.cgroup, quota: quota, period: period), periods: 0,
      microseconds: 0)
    for line in (text("cpu.stat") ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let value = UInt64(words[1]) else { continue }
      switch words[0] {
      case "nr_throttled": throttling.periods = value
      case "throttled_usec": throttling.microseconds = value
      // Nanoseconds, of version 1.
      case "throttled_time": throttling.microseconds = value / 1000
      default: break
      }
    }
    return throttling
  }
}

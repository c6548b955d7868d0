import KernelIO
import TestSupport
import Testing

@testable import Scaling

@Suite("CPU quotas") struct CPUQuotaTests {
  /// systemd's: a service below a slice, each with a limit; of the root there is none.
  private let two = ScriptedKernel([
    "/proc/self/cgroup": "0::/db.slice/db.service\n",
    "/proc/self/mountinfo": """
    22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
    29 22 0:25 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
    """,
    "/sys/fs/cgroup/db.slice/db.service/cpu.max": "50000 100000\n",
    "/sys/fs/cgroup/db.slice/db.service/cpu.stat": """
    usage_usec 86000
    user_usec 60000
    nr_periods 91
    nr_throttled 31
    throttled_usec 1250000
    """,
    "/sys/fs/cgroup/db.slice/cpu.max": "400000 100000\n",
    "/sys/fs/cgroup/cpu.stat": "usage_usec 1\n",
  ])

  @Test func ofTheOwnCgroupAndItsParents() {
    let service = CPUQuota(cgroup: "/db.slice/db.service", quota: 50_000, period: 100_000)
    let slice = CPUQuota(cgroup: "/db.slice", quota: 400_000, period: 100_000)
    #expect(CPUQuota.current(two) == [service, slice])
    #expect(
      CPUThrottling.current(two) == [
        CPUThrottling(quota: service, periods: 31, microseconds: 1_250_000),
        CPUThrottling(quota: slice, periods: 0, microseconds: 0),
      ])
    #expect(service.description == "0.5 CPUs (cgroup /db.slice/db.service)")
    #expect(slice.description == "4 CPUs (cgroup /db.slice)")
  }

  /// Docker's on cgroup v1: the container sees its own part of the tree alone.
  @Test func ofVersionOneInAContainer() {
    let kernel = ScriptedKernel([
      "/proc/self/cgroup": """
      5:memory:/docker/4f2a
      4:cpu,cpuacct:/docker/4f2a
      1:name=systemd:/docker/4f2a
      0::/system.slice/containerd.service
      """,
      "/proc/self/mountinfo": """
      31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs rw,mode=755
      32 31 0:29 /docker/4f2a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
      33 31 0:30 /docker/4f2a /sys/fs/cgroup/cpu,cpuacct ro master:15 - cgroup cgroup rw,cpu,cpuacct
      """,
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.stat":
        "nr_periods 10\nnr_throttled 4\nthrottled_time 2500000000\n",
    ])
    let quota = CPUQuota(cgroup: "/docker/4f2a", quota: 150_000, period: 100_000)
    #expect(
      CPUThrottling.current(kernel) == [
        CPUThrottling(quota: quota, periods: 4, microseconds: 2_500_000)
      ])
    #expect(quota.description == "1.5 CPUs (cgroup /docker/4f2a)")
  }

  @Test(arguments: [
    ("max 100000", "0::/a"), ("-1 100000", "0::/a"), ("", "0::/a"), ("50000", "0::/a"),
    ("50000 100000", "0::/../b"), ("50000 100000", "::"), ("50000 100000", ""),
  ])
  func whereThereIsNoneNoneIsSaid(limit: String, cgroup: String) {
    let kernel = ScriptedKernel([
      "/proc/self/cgroup": cgroup,
      "/proc/self/mountinfo": "29 22 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw",
      "/sys/fs/cgroup/a/cpu.max": limit,
    ])
    #expect(CPUQuota.current(kernel) == [])
    #expect(CPUQuota.current(ScriptedKernel()) == [])
  }

  @Test func aQuotaThatChangedMeanwhileIsNotCompared() {
    var quota = CPUQuota(cgroup: "/a", quota: 1, period: 2)
    let before = [CPUThrottling(quota: quota, periods: 5, microseconds: 50)]
    let after = [CPUThrottling(quota: quota, periods: 7, microseconds: 90)]
    #expect(
      CPUThrottling.difference(after, before)
        == [CPUThrottling(quota: quota, periods: 2, microseconds: 40)])
    #expect(CPUThrottling.difference(before, after) == [])
    quota.quota = 3
    let changed = [CPUThrottling(quota: quota, periods: 7, microseconds: 90)]
    #expect(CPUThrottling.difference(changed, before) == [])
  }

  /// Where version 1's cpu controller is mounted, or version 2's is given on by the root.
  private static let hierarchy: String? = try? Shell.run(
    """
    for d in /sys/fs/cgroup/cpu /sys/fs/cgroup; do
      if [ -w $d/cgroup.procs ] && { [ -e $d/cpu.cfs_quota_us ] \
        || grep -qw cpu $d/cgroup.subtree_control; }; then echo $d; exit; fi
    done 2> /dev/null
    exit 1
    """
  ).filter { $0 != "\n" }

  @Test(
    .enabled(if: NetworkNamespace.isAvailable && Tool.path != nil, "needs root"),
    .enabled(if: hierarchy != nil, "no cgroup with a CPU quota can be made here"))
  func aRunThatAQuotaHoldsBackSaysSo() throws {
    let tool = Tool.path ?? ""
    let group = "\(Self.hierarchy ?? "")/rxtune-test-\(MonotonicClock.now())"
    defer { _ = try? Shell.run("rmdir \(group)") }
    let output = try Tool.run([
      "unshare", "-n", "sh", "-c",
      """
      mkdir \(group) && cd \(group) || exit 9
      if [ -e cpu.max ]; then echo 5000 50000 > cpu.max
      else echo 50000 > cpu.cfs_period_us && echo 5000 > cpu.cfs_quota_us; fi
      ip link set lo up
      \(tool) bench serve --port 7070 --duration 3 > /dev/null 2>&1 & server=$!
      until ss -Hltn | grep -q :7070; do sleep 0.02; done
      (echo 0 > cgroup.procs; exec \(tool) bench load 127.0.0.1:7070 --warm-up 0 --duration 1)
      kill -INT $server; wait
      """,
    ])
    #expect(output.exitCode == 0, "\(output.output)")
    let name = group.split(separator: "/").last ?? ""
    #expect(output.output.contains("CPU quota 0.1 CPUs (cgroup /\(name))"), "\(output.output)")
    #expect(
      output.output.contains("warning: cpu-quota: 0.1 CPUs (cgroup /\(name)), used up in "),
      "\(output.output)")
  }
}

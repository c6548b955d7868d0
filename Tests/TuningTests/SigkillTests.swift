import Glibc
import TestSupport
import TestTraits
import Testing

/// The program itself, killed by SIGKILL at the entry of each system call by which it changes
/// anything or asks for it: sendto, write, fsync, rename. strace(1) does the killing.
@Suite(
  .ownThread,
  .enabled(
    if: NetworkNamespace.isAvailable && Shell.has("strace") && Shell.has("ethtool"),
    "needs root, strace and ethtool"))
struct SigkillTests {
  static let profiles = ["spread", "busy-poll", "listener", "throughput", "single-queue"]

  /// All that a change of rxt0 may touch, as the kernel tells it.
  private static let look = """
    grep -s . /sys/class/net/rxt0/queues/*/* /sys/class/net/rxt0/{mtu,tx_queue_len,threaded} \
    /sys/class/net/rxt0/{gro_flush_timeout,napi_defer_hard_irqs} /proc/sys/net/core/somaxconn \
    /proc/sys/net/ipv4/{tcp_rmem,tcp_wmem,tcp_max_syn_backlog,tcp_migrate_req}; \
    ethtool -k rxt0; ethtool -l rxt0; true
    """

  @Test(arguments: profiles)
  func comesBackWholeWhereverItIsKilled(_ profile: String) throws {
    try NetworkNamespace.run { namespace in
      let state = try namespace.shell("mktemp -d").filter { $0 != "\n" }
      defer { _ = try? namespace.shell("rm -rf '\(state)'") }
      try namespace.addVeth("rxt0", "rxt1")
      try namespace.shell(
        """
        echo 1 > /sys/class/net/rxt0/queues/rx-0/rps_cpus && \
        echo 2 > /sys/class/net/rxt0/queues/rx-3/rps_cpus && \
        echo 100 > /sys/class/net/rxt0/queues/rx-3/rps_flow_cnt
        """)
      let before = try namespace.shell("bash -c '\(Self.look)'")
      #expect(before.contains("rps_cpus:2") && before.contains("rx-3/rps_flow_cnt:128"))
      let options = "--state-dir '\(state)'"
      var kills = 0
      while true {
        let calls = "write,sendto,fsync,rename"
        let result = try Shell.result(
          """
          strace -f -o /dev/null -e trace=\(calls) \
          -e inject=\(calls):signal=KILL:when=\(kills + 1) \
          '\(Program.rxtune)' apply \(profile) rxt0 \(options)
          """)
        let back = try Shell.result("'\(Program.rxtune)' rollback \(options)")
        #expect(back.status == 0, "kill \(kills + 1): \(back.output)")
        let after = try namespace.shell("bash -c '\(Self.look)'")
        #expect(after == before, "kill \(kills + 1)")
        // The call of that number did not come: the change is through.
        guard result.status != 0 else { break }
        #expect(result.status == 137, "\(result.output)")
        kills += 1
        try #require(kills < 2_000)
      }
      #expect(kills > 10)
    }
  }
}

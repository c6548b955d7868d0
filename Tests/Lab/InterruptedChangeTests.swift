import Foundation
import Testing

/// A change on a real driver that is killed, or not confirmed: the old state comes back.
@Suite(.lab)
struct InterruptedChangeTests {
  @Test func killsAtEveryMoment() async throws {
    // The second one, so that the other tests of this NIC need not wait.
    try await Lab.run(.igb, .second) { guest in
      try guest.prepareStates()
      try guest.waitForLink("eth0")
      try guest.shell("echo 2 >/sys/class/net/eth0/queues/rx-0/rps_cpus")
      let moments = 20
      let report = try guest.shell(
        """
        state() { sh /tmp/lab/state eth0; }
        # igb's table in rows would come back as an even one: begin with that.
        ethtool -X eth0 default
        state >/tmp/lab/before
        # The first one is slower than those that follow.
        rxtune apply throughput eth0 >/dev/null && rxtune rollback >/dev/null || exit
        read start rest </proc/uptime
        rxtune apply throughput eth0 >/dev/null || exit
        read end rest </proc/uptime
        rxtune rollback >/dev/null || exit
        state | diff /tmp/lab/before - || exit
        for moment in $(seq \(moments)); do
          rxtune apply throughput eth0 >/tmp/lab/out 2>&1 </dev/null &
          pid=$!
          sleep $(awk "BEGIN { print ($end - $start) * $moment / \(moments + 5) }")
          kill -9 $pid
          wait $pid
          killed=$?
          state >/tmp/lab/during
          cmp -s /tmp/lab/before /tmp/lab/during && during=same || during=changed
          rxtune rollback >/tmp/lab/out 2>&1
          status=$?
          state >/tmp/lab/after
          if [ $status = 0 ] && diff /tmp/lab/before /tmp/lab/after >/tmp/lab/differences; then
            echo restored $killed $during
          else
            echo "left $killed $during: rollback $status" $(cat /tmp/lab/out /tmp/lab/differences)
          fi
        done
        """, timeout: .seconds(240)
      ).split(separator: "\n").map(String.init)
      let killed = report.filter { $0.hasPrefix("restored 137") }
      let misses = report.filter { !$0.hasPrefix("restored ") }
      print(
        "igb: \(report.count) applies, \(killed.count) killed,",
        "\(killed.count { $0.hasSuffix("changed") }) of them half done, \(misses.count) not restored"
      )
      #expect(misses.isEmpty, "\(misses.joined(separator: "\n"))")
      #expect(report.count == moments)
      #expect(killed.contains { $0.hasSuffix("changed") }, "none was killed half-way")
      try guest.shell("echo 0 >/sys/class/net/eth0/queues/rx-0/rps_cpus")
    }
  }

  /// Also where the shell that made the change is gone.
  @Test func takesBackWhatIsNotConfirmed() async throws {
    try await Lab.run(.igb) { guest in
      try guest.prepareStates()
      try guest.waitForLink("eth0")
      try guest.shell("ethtool -X eth0 default")
      let before = try guest.state("eth0")
      let lost = try guest.run(
        "setsid sh -c 'rxtune apply throughput eth0 --confirm-within 3s >/dev/null 2>&1; kill -9 $$'"
      )
      #expect(lost.status == 137)
      let during = try guest.state("eth0")
      #expect(during != before)
      try guest.shell(
        """
        for i in $(seq 40); do
          sh /tmp/lab/state eth0 >/tmp/lab/now
          rxtune history | grep -q awaiting || break
          sleep 0.5
        done
        """)
      try guest.shell("sleep 1")
      let after = try guest.state("eth0")
      #expect(after == before, "\(before.differences(from: after))")

      try guest.shell("rxtune set rings.rx=512 eth0 --confirm-within 2s && rxtune confirm")
      let confirmed = try guest.state("eth0")
      try guest.shell("sleep 3")
      let later = try guest.state("eth0")
      #expect(later == confirmed)
      #expect(later != before)
      try guest.shell("rxtune rollback")
      let last = try guest.state("eth0")
      #expect(last == before, "\(before.differences(from: last))")
    }
  }
}

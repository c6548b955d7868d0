import TestSupport
import TestTraits
import Testing

/// `--wait-link` of the program itself, on a veth whose peer goes down as the change is made.
@Suite(
  "Waiting for the link", .ownThread,
  .enabled(
    if: NetworkNamespace.isAvailable && Shell.has("strace"), "needs root and strace"))
struct LinkWaitTests {
  /// - Parameter peer: what happens to the other end once the new value is there; the journal's
  ///   end is held up meanwhile, so that it is before the program looks at the link.
  private func change(
    whilePeer peer: String, waiting options: String
  ) throws -> (result: Shell.Result, mtu: String, history: String) {
    let state = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(state)'") }
    return try NetworkNamespace.run { namespace in
      try namespace.shell(
        "ip link add rxt0 type veth peer name rxt1 && ip link set rxt0 up && ip link set rxt1 up")
      let result = try Shell.result(
        """
        state='\(state)'
        (while read mtu </sys/class/net/rxt0/mtu; [ "$mtu" != 1300 ]; do sleep 0.01; done
        \(peer)) >/dev/null 2>&1 &
        strace -f -o /dev/null -e trace=fsync -e inject=fsync:delay_enter=500000 \
        '\(Program.rxtune)' set link.mtu=1300 rxt0 --state-dir '\(state)' \(options)
        status=$?; wait; exit $status
        """)
      return (
        result, try namespace.shell("cat /sys/class/net/rxt0/mtu").filter { $0 != "\n" },
        try namespace.shell("'\(Program.rxtune)' history --state-dir '\(state)'")
      )
    }
  }

  @Test func aLinkThatComesBackIsWaitedFor() throws {
    let (result, mtu, history) = try change(
      whilePeer: "ip link set rxt1 down; sleep 2; ip link set rxt1 up", waiting: "--wait-link 30s")
    #expect(result.status == 0, "\(result.output)")
    #expect(mtu == "1300")
    #expect(history.contains("in force"), "\(history)")
  }

  @Test func aLinkThatStaysAwayTakesTheChangeBack() throws {
    let (result, mtu, history) = try change(
      whilePeer: "ip link set rxt1 down", waiting: "--wait-link 300ms")
    #expect(result.status == 1)
    #expect(
      result.output.contains(
        "rxt0 has no link 300ms after the change. 1 value rolled back; all is as it was"),
      "\(result.output)")
    #expect(mtu == "1500")
    #expect(history.contains("rolled back"), "\(history)")
  }

  /// What waits for its confirmation as well is taken back at once, and not a second time.
  @Test func aLinkThatStaysAwayNeedsNoConfirmation() throws {
    let (result, mtu, _) = try change(
      whilePeer: "ip link set rxt1 down", waiting: "--wait-link 300ms --confirm-within 60s")
    #expect(result.status == 1)
    #expect(result.output.contains("rolled back; all is as it was"), "\(result.output)")
    #expect(mtu == "1500")
  }

  /// Killed while it waits: nobody is there any more to see that the link stays away.
  @Test(arguments: ["INT", "HUP", "KILL"])
  func aWaitThatIsCutShortTakesTheChangeBack(_ signal: String) throws {
    let (_, mtu, history) = try change(
      whilePeer: """
        ip link set rxt1 down; sleep 1.5
        kill -\(signal) $(sed -n 's/^pid\t\\([0-9]*\\).*/\\1/p' "$state"/*.journal)
        """, waiting: "--wait-link 4s")
    #expect(mtu == "1500", "\(history)")
    #expect(history.contains("rolled back"), "\(history)")
  }

  /// A device that had none before is not waited for, and without the option nothing is.
  @Test func nobodyWaitsForALinkThatWasNotThere() throws {
    let result = try NetworkNamespace.run { namespace in
      let state = try namespace.shell("mktemp -d").filter { $0 != "\n" }
      defer { _ = try? namespace.shell("rm -rf '\(state)'") }
      try namespace.shell("ip link add rxt0 type veth peer name rxt1 && ip link set rxt0 up")
      return try Shell.result(
        "'\(Program.rxtune)' set link.mtu=1300 rxt0 --wait-link 60s --state-dir '\(state)'")
    }
    #expect(result.status == 0, "\(result.output)")
    let (free, mtu, _) = try change(whilePeer: "ip link set rxt1 down", waiting: "")
    #expect(free.status == 0, "\(free.output)")
    #expect(mtu == "1300")
  }
}

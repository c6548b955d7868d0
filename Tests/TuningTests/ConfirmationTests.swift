import TestSupport
import TestTraits
import Testing

@testable import Tuning

/// Changes that roll back by themselves, by the program itself.
@Suite(
  .ownThread, .enabled(if: NetworkNamespace.isAvailable, "needs root for a network namespace"))
struct ConfirmationTests {
  private func onVeth(_ body: (NetworkNamespace, String) throws -> Void) throws {
    let state = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(state)'") }
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add rxt0 type veth peer name rxt1")
      try body(namespace, "--state-dir '\(state)'")
    }
  }

  private func mtu(_ namespace: NetworkNamespace) throws -> String {
    try namespace.shell("cat /sys/class/net/rxt0/mtu").filter { $0 != "\n" }
  }

  /// Waits until `command` prints `text`, but not for ever.
  private func wait(
    _ namespace: NetworkNamespace, until command: String, prints text: String
  ) throws {
    try namespace.shell(
      "for i in $(seq 150); do [ \"$(\(command))\" != '\(text)' ] || break; sleep 0.1; done")
  }

  private func waitForTheOldMTU(_ namespace: NetworkNamespace) throws {
    try wait(namespace, until: "cat /sys/class/net/rxt0/mtu", prints: "1500")
  }

  @Test func isTakenBackWhereNobodyConfirms() throws {
    try onVeth { namespace, options in
      try namespace.shell(
        "'\(Program.rxtune)' set link.mtu=1300 rxt0 --confirm-within 1s \(options)")
      #expect(try mtu(namespace) == "1300")
      // Nothing else is changed meanwhile.
      let other = try Shell.result("'\(Program.rxtune)' set link.mtu=1200 rxt0 \(options)")
      #expect(other.status == 1)
      #expect(other.output.contains("waits to be confirmed"))
      try waitForTheOldMTU(namespace)
      #expect(try mtu(namespace) == "1500")
    }
  }

  /// The terminal, its session and all that listens to hang-ups are gone.
  @Test func isTakenBackWhereTheSessionIsGone() throws {
    try onVeth { namespace, options in
      try namespace.shell(
        """
        setsid sh -c "'\(Program.rxtune)' set link.mtu=1300 rxt0 --confirm-within 2s \(options) \
        >/dev/null; kill -HUP -\\$\\$" || true
        """)
      #expect(try mtu(namespace) == "1300")
      try waitForTheOldMTU(namespace)
      #expect(try mtu(namespace) == "1500")
    }
  }

  /// The guard has another working directory than the command that started it.
  @Test func isTakenBackWhereTheStateDirectoryIsRelative() throws {
    try onVeth { namespace, options in
      let directory = options.split(separator: "'")[1]
      try namespace.shell(
        """
        cd '\(directory)' && \
        '\(Program.rxtune)' set link.mtu=1300 rxt0 --confirm-within 1s --state-dir here/it/is
        """)
      #expect(try mtu(namespace) == "1300")
      try waitForTheOldMTU(namespace)
      #expect(try mtu(namespace) == "1500")
    }
  }

  /// What the caller holds, as a lock that others wait for, is not held by the guard.
  @Test func theGuardHoldsNothingOfItsCallers() throws {
    try onVeth { namespace, options in
      let directory = options.split(separator: "'")[1]
      let result = try Shell.result(
        """
        exec 9>'\(directory)/theirs'; flock 9; \
        '\(Program.rxtune)' set link.mtu=1300 rxt0 --confirm-within 2s \(options); \
        exec 9>&-; flock -n '\(directory)/theirs' echo free
        """)
      #expect(result.output.hasSuffix("free\n"), "\(result.output)")
      try namespace.shell("'\(Program.rxtune)' confirm \(options)")
    }
  }

  /// What stands in the way at the time does not for ever.
  @Test func isTakenBackAtALaterTry() throws {
    try onVeth { namespace, options in
      let directory = options.split(separator: "'")[1]
      try namespace.shell(
        """
        '\(Program.rxtune)' set link.mtu=1300 rxt0 --confirm-within 1s \(options)
        cd '\(directory)'; cp *.journal kept; echo rubbish >$(echo *.journal); sleep 3
        """)
      #expect(try mtu(namespace) == "1300")
      try namespace.shell("cd '\(directory)'; cp kept $(echo *.journal)")
      try waitForTheOldMTU(namespace)
      #expect(try mtu(namespace) == "1500")
    }
  }

  /// The device went meanwhile: the rest is taken back.
  @Test func isTakenBackWhereItsDeviceIsGone() throws {
    try onVeth { namespace, options in
      let somaxconn = "cat /proc/sys/net/core/somaxconn"
      let before = try namespace.shell(somaxconn)
      try namespace.shell(
        """
        '\(Program.rxtune)' set link.mtu=1300 net.core.somaxconn=99 rxt0 --confirm-within 1s \
        \(options); ip link del rxt0
        """)
      #expect(try namespace.shell(somaxconn) == "99\n")
      try wait(namespace, until: somaxconn, prints: before.filter { $0 != "\n" })
      #expect(try namespace.shell(somaxconn) == before)
    }
  }

  /// Nothing can be written to the state directory any more, not even who holds its lock.
  @Test(.enabled(if: Shell.has("strace"), "needs strace"))
  func isTakenBackWhereTheDiskIsFull() throws {
    try onVeth { namespace, options in
      let directory = options.split(separator: "'")[1]
      try namespace.shell("'\(Program.rxtune)' set link.mtu=1300 rxt0 \(options)")
      let journal = try namespace.shell("ls -d '\(directory)'/*.journal").filter { $0 != "\n" }
      let result = try Shell.result(
        """
        strace -f -o /dev/null -P '\(directory)/lock' -P '\(journal)' -e trace=write \
        -e inject=write:error=ENOSPC '\(Program.rxtune)' rollback \(options)
        """)
      #expect(result.status == 0, "\(result.output)")
      #expect(result.output.contains("1 value restored, 1 compared"), "\(result.output)")
      #expect(
        result.output.contains(
          "this is not on record: append \(journal): no space left on device (ENOSPC)"))
      #expect(try mtu(namespace) == "1500")
      // Nothing that could be made again by a watch.
      #expect(try namespace.shell("'\(Program.rxtune)' history \(options)").contains("No change"))
    }
  }

  @Test func staysWhereItIsConfirmed() throws {
    try onVeth { namespace, options in
      try namespace.shell(
        "'\(Program.rxtune)' set link.mtu=1300 rxt0 --confirm-within 2s \(options)")
      try namespace.shell("'\(Program.rxtune)' confirm \(options)")
      try namespace.shell("sleep 3")
      #expect(try mtu(namespace) == "1300")
      #expect(try Shell.result("'\(Program.rxtune)' confirm \(options)").status == 1)
    }
  }

  /// A second change while one is under way is told whose it is.
  @Test func namesTheHolderOfTheLock() throws {
    try onVeth { namespace, options in
      let directory = options.split(separator: "'")[1]
      let lock = try StateDirectoryLock.hold(String(directory))
      let result = try Shell.result(
        "timeout 3 '\(Program.rxtune)' set link.mtu=1300 rxt0 \(options)")
      withExtendedLifetime(lock) {}
      #expect(result.status == 124)
      #expect(result.output.contains("the holder of the test"))
      #expect(try mtu(namespace) == "1500")
    }
  }

  @Test func saysWhatAUserLacks() throws {
    try onVeth { namespace, _ in
      // The program's own folder may be closed to others.
      let copy = try namespace.shell("mktemp -d").filter { $0 != "\n" }
      defer { _ = try? namespace.shell("rm -rf '\(copy)'") }
      try namespace.shell("cp '\(Program.rxtune)' '\(copy)/rxtune' && chmod -R a+rx '\(copy)'")
      let result = try Shell.result(
        """
        setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        '\(copy)/rxtune' set link.mtu=1300 net.core.somaxconn=99 rxt0
        """)
      #expect(result.status == 1, "\(result.output)")
      #expect(result.output.contains("link.mtu: writing it needs CAP_NET_ADMIN"))
      #expect(result.output.contains("net.core.somaxconn: writing it needs CAP_DAC_OVERRIDE"))
      #expect(try mtu(namespace) == "1500")
    }
  }
}

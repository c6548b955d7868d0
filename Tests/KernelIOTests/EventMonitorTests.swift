import Glibc
import Netlink
import TestSupport
import TestTraits
import Testing

@testable import KernelIO

@Suite(
  "EventMonitor", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
struct EventMonitorTests {
  /// Reads until an event of that kind came; nothing within two seconds is a failure.
  private func hear(
    _ monitor: EventMonitor, _ isWanted: (DeviceEvent) -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var seen: [DeviceEvent] = []
    for _ in 0..<20 {
      seen += try monitor.wait(timeoutMilliseconds: 100)
      if seen.contains(where: isWanted) { return }
    }
    Issue.record("not announced; only \(seen)", sourceLocation: sourceLocation)
  }

  @Test func linkAndEthtoolChangesAreAnnounced() throws {
    try NetworkNamespace.run { namespace in
      let monitor = try EventMonitor(LiveKernel())
      #expect(try monitor.wait(timeoutMilliseconds: 0).isEmpty)

      try namespace.shell("ip link add cap0 numrxqueues 4 numtxqueues 4 type veth peer cap1")
      try hear(monitor) { $0.device == "cap0" && $0.command == "newlink" }
      let index = try LiveKernel().text(.sys("class/net/cap0/ifindex"))

      try namespace.shell("ip link set cap0 mtu 1400")
      try hear(monitor) { event in
        if case .link(let number, "cap0", _) = event { String(number) == index } else { false }
      }

      try namespace.shell("ethtool -L cap0 rx 2 tx 2")
      try hear(monitor) { event in
        if case .ethtool(let number, "cap0", 19) = event {
          String(number) == index && event.command == "channels-ntf"
        } else {
          false
        }
      }

      try namespace.shell("ip link delete cap0")
      try hear(monitor) { $0.device == "cap0" && $0.command == "dellink" }
      #expect(try monitor.wait(timeoutMilliseconds: 0).allSatisfy { $0 != .lost })
    }
  }

  /// Announcements of the host's own devices do not come in.
  @Test func itHearsItsOwnNamespaceOnly() throws {
    let outside = try NetworkNamespace.run { _ in try EventMonitor(LiveKernel()) }
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add cap0 type veth")
    }
    #expect(try outside.wait(timeoutMilliseconds: 50).isEmpty)
  }

  @Test func aBurstThatDoesNotFitIsToldAsLost() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add cap0 type veth")
      let monitor = try EventMonitor(LiveKernel())
      try namespace.shell(
        "for i in $(seq 1500); do echo link set cap0 mtu $((1000 + i)); done | ip -batch -")
      let events = try monitor.wait(timeoutMilliseconds: 1000)
      #expect(events.contains(.lost))
      #expect(events.contains { $0.device == "cap0" })
      try namespace.shell("ip link set cap0 mtu 999")
      try hear(monitor) { $0.device == "cap0" }
    }
  }

  @Test func aSignalEndsTheWait() throws {
    try NetworkNamespace.run { _ in
      let monitor = try EventMonitor(LiveKernel())
      signal(SIGUSR1) { _ in }
      // Threads of the test runner's pool block signals.
      var wanted = sigset_t()
      var usual = sigset_t()
      unsafe sigaddset(&wanted, SIGUSR1)
      unsafe pthread_sigmask(SIG_UNBLOCK, &wanted, &usual)
      defer { unsafe pthread_sigmask(SIG_SETMASK, &usual, nil) }
      var waiter = pthread_self()
      var sender = pthread_t()
      unsafe pthread_create(
        &sender, nil,
        { target in
          usleep(100_000)
          if let target = unsafe target?.load(as: pthread_t.self) { pthread_kill(target, SIGUSR1) }
          return nil
        }, &waiter)
      let clock = ContinuousClock()
      let start = clock.now
      let events = try monitor.wait(timeoutMilliseconds: 10_000)
      #expect(events.isEmpty)
      #expect(clock.now - start < .seconds(5))
      pthread_join(sender, nil)
    }
  }

  @Test func descriptorsAreClosedAgain() throws {
    try NetworkNamespace.run { _ in
      let kernel = LiveKernel()
      _ = try EventMonitor(kernel)
      let before = try kernel.list(.proc("thread-self/fd")).count
      for _ in 0..<200 { _ = try EventMonitor(kernel) }
      // Other tests open files meanwhile, but not by the hundred.
      #expect(try kernel.list(.proc("thread-self/fd")).count < before + 200)
    }
  }
}

import CKernel
import Glibc
import KernelIO
import Knobs
import Synchronization
import TestSupport
import Testing

@testable import Scaling

@Suite("Failures are told or counted, and nothing hangs", .serialized) struct FailureTests {
  private func load(
    _ port: UInt16, _ exchange: Exchange = Exchange(.crr), connections: Int = 8,
    timeout: Double = 0.1
  ) -> LoadOptions {
    LoadOptions(
      exchange, targets: ["127.0.0.1:\(port)"], connections: connections, timeout: timeout)
  }

  /// Runs load and returns its counts and how long it took.
  private func run(_ options: LoadOptions, seconds: Double, meanwhile: () -> Void = {}) throws
    -> (counts: LoadCounts, seconds: Double)
  {
    let start = MonotonicClock.now()
    let generator = try LoadGenerator(
      options, Window(start: start, warmUp: 0, duration: seconds))
    try generator.start()
    meanwhile()
    let (counts, _) = generator.finish()
    return (counts, Double(MonotonicClock.now() - start) / 1e9)
  }

  @Test func aClosedPortIsToldBeforeTheLoadBegins() throws {
    let silent = try SilentListener(backlog: 1)
    let port = silent.port
    _ = consume silent
    let error = #expect(throws: BenchError.self) { try LoadGenerator.probe(load(port)) }
    #expect(error?.errno == Errno(rawValue: ECONNREFUSED))
    #expect(error?.description.contains("127.0.0.1:\(port)") == true)
  }

  @Test func aTargetThatDoesNotAnswerIsToldInTime() throws {
    // A full accept queue drops the SYN, as a host that is not there does.
    let silent = try SilentListener(backlog: 1)
    let filling = try (0..<2).map { _ in try TestSocket(connectedTo: silent.port) }
    let start = MonotonicClock.now()
    let error = #expect(throws: BenchError.self) {
      try LoadGenerator.probe(load(silent.port, timeout: 0.2))
    }
    #expect(error?.errno == Errno(rawValue: ETIMEDOUT))
    #expect(MonotonicClock.now() - start < 1_000_000_000)
    #expect(filling.count == 2)
  }

  @Test(arguments: ["", "localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "[::1:80"])
  func aTargetThatIsNoneIsNamed(target: String) {
    let options = LoadOptions(Exchange(.crr), targets: [target])
    #expect(throws: BenchError.self) { try LoadGenerator.probe(options) }
  }

  @Test(arguments: [ListenerMode.reuseport, .sharedEpoll])
  func anAddressInUseIsToldWithWhatToDo(mode: ListenerMode) throws {
    let first = try Server(ServerOptions(.reuseport, Exchange(.crr), workers: 2))
    let error = #expect(throws: BenchError.self) {
      _ = try Server(ServerOptions(mode, Exchange(.crr), port: first.port))
    }
    #expect(error?.errno == Errno(rawValue: EADDRINUSE))
    #expect(error?.hint?.contains("--port") == true)
  }

  @Test func anAddressOfAnotherHostIsTold() {
    let error = #expect(throws: BenchError.self) {
      _ = try Server(ServerOptions(.reuseport, Exchange(.crr), host: "192.0.2.1"))
    }
    #expect(error?.errno == Errno(rawValue: EADDRNOTAVAIL))
  }

  @Test func moreDescriptorsThanTheKernelAllowsAreRefused() {
    let error = #expect(throws: BenchError.self) {
      try DescriptorLimit.raise(to: 2_000_000_000, why: "2000000000 connections")
    }
    #expect(error?.description.contains("file descriptors") == true)
  }

  @Test func anOverflowingAcceptQueueIsCountedAndHoldsNothingUp() throws {
    let silent = try SilentListener(backlog: 2)
    let before = HostSample(LiveKernel())
    let (counts, seconds) = try run(load(silent.port, connections: 32), seconds: 0.5)
    let use = HostUse(from: before, to: HostSample(LiveKernel()))
    #expect(counts.transactions == 0)
    #expect(counts.timedOut > 0)
    #expect(seconds < 2)
    #expect((use.counters["TcpExtListenOverflows"] ?? 0) > 0)
  }

  @Test func aServerThatStopsDuringLoadIsCounted() throws {
    let server = try Server(ServerOptions(.reuseport, Exchange(.crr), workers: 2))
    try server.start()
    var served: UInt64 = 0
    let (counts, seconds) = try run(load(server.port), seconds: 0.5) {
      usleep(150_000)
      served = server.stop().total.transactions
    }
    #expect(counts.transactions > 10)
    #expect(counts.refused > 0)
    // What the server answered last may have been reset before it was read.
    #expect(served >= counts.transactions && served - counts.transactions <= 8)
    #expect(seconds < 2)
  }

  /// A worker that ends by itself leaves a listener that nobody accepts from, until it goes as well:
  /// then what waits there is moved to the other, or reset.
  @Test(.enabled(if: NetworkNamespace.isAvailable, "namespaces need root"), arguments: [0, 1])
  func aWorkerThatEndsHoldsUpNothingForLong(migrate: Int) throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell("echo \(migrate) > /proc/sys/net/ipv4/tcp_migrate_req")
      let before = Self.epolls()
      let server = try Server(ServerOptions(.reuseport, Exchange(.crr), workers: 2))
      let first = try #require(Self.epolls().subtracting(before).min())
      try server.start()
      var counts: [[WorkerCounts]] = []
      let (load, seconds) = try run(load(server.port, timeout: 5), seconds: 0.8) {
        usleep(100_000)
        let nothing = unsafe open("/dev/null", O_RDONLY)
        dup2(nothing, first)
        close(nothing)
        // Sooner or later each connection is one of the dead worker's.
        for _ in 0..<2 {
          usleep(150_000)
          counts.append(server.counts)
        }
        #expect(throws: Never.self) { try server.closeListener(of: 0) }
      }
      let served = server.stop()
      #expect(counts[0][0].transactions > 10 && counts[0][0] == counts[1][0])
      #expect(counts[0][1] == counts[1][1])
      #expect(served[0] == counts[1][0])
      #expect(served[1].transactions > counts[1][1].transactions + 10)
      // The connection that the worker ended with may be one more, answered or not.
      #expect((0...1).contains(Int(load.broken) - (migrate == 1 ? 0 : 8)), "\(load)")
      #expect(load.timedOut == 0 && load.unfinished == 0)
      #expect((0...1).contains(Int(served.total.transactions) - Int(load.transactions)))
      let moved = try namespace.shell("nstat -asz TcpExtTCPMigrateReqSuccess")
      #expect(moved.contains(" \(migrate * 8) "), "\(moved)")
      #expect(seconds < 2)
    }
  }

  /// Descriptors of this process that epoll_create1(2) returned.
  private static func epolls() -> Set<Int32> {
    Set(
      (0..<4096).filter { descriptor in
        var target = [CChar](repeating: 0, count: 64)
        let count = unsafe readlink("/proc/self/fd/\(descriptor)", &target, target.count)
        let name = target.prefix(max(0, count)).map(UInt8.init(bitPattern:))
        return String(decoding: name, as: UTF8.self) == "anon_inode:[eventpoll]"
      })
  }

  @Test func aServerOutOfDescriptorsRefusesAndGoesOn() throws {
    let options = ServerOptions(.reuseport, Exchange(.rr), maxConnections: 1)
    let server = try Server(options)
    try server.start()
    let (counts, seconds) = try run(
      load(server.port, Exchange(.rr), connections: 400), seconds: 0.4)
    let served = server.stop().total
    #expect(served.refused > 0)
    #expect(counts.broken > 0)
    #expect(counts.transactions > 0)
    #expect(served.transactions >= counts.transactions)
    #expect(seconds < 2)
  }

  @Test func loadThatIsStoppedBeforeItBeginsEndsAtOnce() throws {
    let now = MonotonicClock.now()
    let window = Window(start: now &+ 20_000_000_000, warmUp: 0, duration: 1)
    do {
      let generator = try LoadGenerator(load(1), window)
      try generator.start()
    }
    let generator = try LoadGenerator(load(1), window)
    try generator.start()
    generator.stop()
    #expect(generator.finish().0 == LoadCounts())
    #expect(MonotonicClock.now() - now < 2_000_000_000)
  }

  /// What would have fallen due after the stop was not missed.
  @Test func openLoopThatIsStoppedOwesNothingOfTheRest() throws {
    let server = try Server(ServerOptions(.reuseport, Exchange(.rr)))
    try server.start()
    var options = load(server.port, Exchange(.rr), timeout: 1)
    options.rate = 1000
    let window = Window(start: MonotonicClock.now(), warmUp: 0, duration: 60)
    let generator = try LoadGenerator(options, window)
    try generator.start()
    usleep(300_000)
    generator.stop()
    let counts = generator.finish().0
    #expect(counts.transactions > 100)
    #expect(counts.overdue < 100, "\(counts)")
  }

  @Test func aSourceThatIsNotOursIsToldBeforeTheLoadBegins() throws {
    var options = load(1)
    options.sources = ["127.0.0.1", "192.0.2.1"]
    let error = #expect(throws: BenchError.self) { try LoadGenerator.probe(options) }
    #expect(error?.description.contains("source 192.0.2.1") == true)
    #expect(error?.hint == "it is no address of this host")
  }

  @Test func aSourceThatIsNotOursIsCountedAsFailed() throws {
    let server = try Server(ServerOptions(.reuseport, Exchange(.crr)))
    try server.start()
    var options = load(server.port)
    options.sources = ["192.0.2.1"]
    let (counts, _) = try run(options, seconds: 0.2)
    #expect(counts.transactions == 0 && counts.portsExhausted > 0)
    #expect(counts.lastError == EADDRNOTAVAIL)
  }

  @Test func aWrongResponseIsNoTransaction() throws {
    // Both sides speak of different sizes: the first response is complete and wrong.
    let server = try Server(
      ServerOptions(.reuseport, Exchange(.rr, requestBytes: 64, responseBytes: 128)))
    try server.start()
    let (counts, seconds) = try run(load(server.port, Exchange(.rr)), seconds: 0.3)
    _ = server.stop()
    #expect(counts.corrupted > 0)
    #expect(seconds < 2)
  }

  @Test(arguments: [
    ServerOptions(.sharedEpoll, Exchange(.udpRR)),
    ServerOptions(.uring, Exchange(.udpRR)),
    ServerOptions(.sharedEpoll, Exchange(.receive)),
    ServerOptions(.reuseport, Exchange(.receive, requestBytes: 65_508)),
    ServerOptions(.reuseportFIN, Exchange(.crr, close: .fin)),
    ServerOptions(.reuseport, Exchange(.crr), workers: 0),
    ServerOptions(.uring, Exchange(.rr), fixedResponse: Array("HTTP/1.1 200 OK".utf8)),
    ServerOptions(.reuseport, Exchange(.udpRR), fixedResponse: Array("HTTP/1.1 200 OK".utf8)),
    ServerOptions(.reuseport, Exchange(.rr), fixedResponse: []),
    ServerOptions(.reuseport, Exchange(.crr), workers: 1_000_000),
    ServerOptions(.reuseport, Exchange(.crr, requestBytes: 7)),
    ServerOptions(.reuseport, Exchange(.crr, responseBytes: 1 << 40)),
    ServerOptions(.reuseport, Exchange(.crr), maxConnections: .max),
    ServerOptions(.reuseport, Exchange(.crr), backlog: 0),
    ServerOptions(.reuseport, Exchange(.crr), host: "localhost"),
    ServerOptions(.reuseportCPU, Exchange(.crr), workers: 2, cpus: [0]),
  ])
  func impossibleServersAreRefused(options: ServerOptions) {
    #expect(throws: BenchError.self) { _ = try Server(options) }
  }

  @Test func impossiblePlansAreRefusedBeforeTheFirstRun() {
    let changes: [(inout SweepPlan) -> Void] = [
      { $0.rate = 0.5 }, { $0.rate = .nan }, { $0.rate = 1e300 }, { $0.backlog = 0 },
      { $0.connections = 600_000 }, { $0.connections = .max }, { $0.connections = 0 },
    ]
    let plan = SweepPlan(
      modes: [.reuseport], workerCounts: [1], exchange: Exchange(.crr), serverCPUs: [0],
      clientCPUs: [0], network: .loopback)
    #expect(throws: Never.self) { try plan.check() }
    for change in changes {
      var plan = plan
      change(&plan)
      #expect(throws: BenchError.self) { try plan.check() }
    }
    var most = plan
    most.connections = SweepPlan.connectionLimit
    #expect(throws: Never.self) { try most.check() }
    #expect(most.serverConnections <= ServerOptions.connectionLimit)
  }

  /// What is readable a moment after the time has passed did not come first.
  @Test func inputThatComesTooLateDoesNotCutASleepShort() throws {
    let interruption = try Interruption()
    var late = 0
    for _ in 0..<50 {
      let event = eventfd(0, Int32(EFD_CLOEXEC))
      let time = MonotonicClock.now() + 500_000
      let writer = try PinnedThread(cpu: nil) {
        while MonotonicClock.now() < time + 20_000 {}
        eventfd_write(event, 1)
      }
      if !interruption.sleep(until: time, or: event) { late += 1 }
      writer.join()
      #expect(!interruption.sleep(until: .max, or: event))
      close(event)
    }
    #expect(late == 0)
  }

  @Test func aCPUThatIsNotThereIsRefused() throws {
    let online = AllowedCPUs.current(LiveKernel())
    let absent = (online.cpus.last ?? 0) + 1
    let cpus = [online.first ?? 0, absent]
    let server = #expect(throws: BenchError.self) {
      _ = try Server(ServerOptions(.reuseport, Exchange(.crr), cpus: cpus))
    }
    let options = LoadOptions(Exchange(.crr), targets: ["127.0.0.1:1"], cpus: cpus)
    let window = Window(start: 0, warmUp: 0, duration: 0)
    let load = #expect(throws: BenchError.self) { _ = try LoadGenerator(options, window) }
    for error in [server, load] {
      #expect(error?.message == "CPU \(absent) is not online or not allowed")
    }
  }

  /// A CPU may go between the check and the start.
  @Test(arguments: [100_000, -1])
  func aThreadThatCannotBePinnedIsNotStarted(cpu: Int) {
    let error = #expect(throws: BenchError.self) { try PinnedThread(cpu: cpu) {}.join() }
    #expect(error?.errno == Errno(rawValue: EINVAL))
    #expect(error?.message.contains("CPU \(cpu)") == true)
  }

  @Test func aPinnedThreadBeginsOnItsCPU() throws {
    for cpu in AllowedCPUs.current(LiveKernel()).cpus {
      let place = Place()
      try PinnedThread(cpu: cpu) { place.cpu.store(sched_getcpu(), ordering: .relaxed) }.join()
      #expect(place.cpu.load(ordering: .relaxed) == Int32(cpu))
    }
  }

  private final class Place: Sendable { let cpu = Atomic<Int32>(-1) }

  @Test func impossibleLoadIsRefused() {
    let targets = ["127.0.0.1:1"]
    let window = Window(start: 0, warmUp: 0, duration: 1)
    for options in [
      LoadOptions(Exchange(.crr), targets: []),
      LoadOptions(Exchange(.crr), targets: targets, connections: 0),
      LoadOptions(Exchange(.crr), targets: targets, connections: 4, threads: 8),
      LoadOptions(Exchange(.crr), targets: targets, rate: .nan),
      LoadOptions(Exchange(.crr), targets: targets, rate: -1),
      LoadOptions(Exchange(.crr), targets: targets, timeout: .infinity),
      LoadOptions(Exchange(.crr), targets: ["127.0.0.1:1", "[::1]:1"]),
      LoadOptions(Exchange(.crr), targets: targets, sources: ["eth0"]),
    ] {
      #expect(throws: BenchError.self) { _ = try LoadGenerator(options, window) }
    }
  }
}

import Glibc
import KernelIO
import Knobs
import Testing

@testable import Scaling

/// A mode and a workload that go together.
struct Pairing: CustomTestStringConvertible {
  var mode: ListenerMode
  var exchange: Exchange
  var testDescription: String {
    "\(mode.name) \(exchange.workload.rawValue) \(exchange.close.rawValue) "
      + "\(exchange.requestBytes)/\(exchange.responseBytes)"
  }

  static let all: [Pairing] =
    ListenerMode.all.flatMap { mode in
      let exchanges = Workload.allCases.filter(mode.serves).flatMap { workload in
        workload == .crr
          ? [Exchange(.crr), Exchange(.crr, close: .fin)] : [Exchange(workload)]
      }
      return exchanges.map { Pairing(mode: mode, exchange: $0) }
    } + [Pairing(mode: .reuseportFIN, exchange: Exchange(.crr))]

  var needsRoot: Bool { mode == .reuseportNUMA }
}

@Suite("Serving", .serialized) struct ServingTests {
  static let isRoot = geteuid() == 0

  static func measure(_ server: Server, _ load: LoadOptions, seconds: Double) throws
    -> (load: LoadCounts, server: [WorkerCounts], latency: LatencySummary?)
  {
    try server.start()
    let window = Window(start: MonotonicClock.now(), warmUp: 0.05, duration: seconds)
    let generator = try LoadGenerator(load, window)
    try generator.start()
    let (counts, latency) = generator.finish()
    return (counts, server.stop(), latency.summary)
  }

  private func load(_ server: Server, connections: Int = 16, rate: Double? = nil) -> LoadOptions {
    LoadOptions(
      server.options.exchange, targets: ["127.0.0.1:\(server.port)"], sources: ["127.0.1.1"],
      connections: connections, threads: 2, rate: rate)
  }

  @Test(
    arguments: Pairing.all.filter { isRoot || !$0.needsRoot }.filter(\.exchange.workload.isAnswered)
  )
  func everyModeServesRightBytesAndLosesNone(pairing: Pairing) throws {
    let server = try Server(
      ServerOptions(pairing.mode, pairing.exchange, workers: 2, cpus: [0, 1]))
    let (counts, workers, latency) = try Self.measure(server, load(server), seconds: 0.15)
    #expect(counts.transactions > 0)
    #expect(counts.failed == 0 && counts.unfinished == 0 && counts.unrecorded == 0)
    #expect(workers.total.transactions == counts.transactions)
    #expect(workers.total.broken == 0 && workers.total.refused == 0)
    #expect(latency?.count == counts.measured)
    if pairing.exchange.workload == .crr {
      #expect(workers.total.accepted == counts.transactions)
    } else if pairing.exchange.workload == .rr {
      #expect(workers.total.accepted == 16)
    }
  }

  /// At a rate that every receiver can follow each datagram arrives, at both ends' counts.
  @Test(
    arguments: Pairing.all.filter { isRoot || !$0.needsRoot }.filter {
      !$0.exchange.workload.isAnswered
    })
  func everyModeCountsWhatArrives(pairing: Pairing) throws {
    let server = try Server(
      ServerOptions(pairing.mode, pairing.exchange, workers: 2, cpus: [0, 1]))
    let (counts, workers, latency) = try Self.measure(
      server, load(server, rate: 2000), seconds: 0.3)
    #expect((600...700).contains(counts.transactions &+ counts.overdue))
    #expect(counts.measured <= counts.transactions && counts.failed == 0)
    #expect(workers.total.transactions == counts.transactions)
    #expect(workers.total.broken == 0 && latency == nil)
  }

  /// Flat out, from many sockets: what is lost is lost, and nothing is counted twice.
  @Test func datagramsFlatOutAreCountedOnce() throws {
    let server = try Server(
      ServerOptions(.reuseport, Exchange(.receive), workers: 2, cpus: [0, 1]))
    let (counts, workers, _) = try Self.measure(server, load(server), seconds: 0.2)
    #expect(counts.transactions > 1000 && counts.overdue == 0)
    #expect((1...counts.transactions).contains(workers.total.transactions))
  }

  @Test(arguments: [8, 100, 5000, 65_536], [8, 100, 65_536])
  func messagesOfEverySizeComeWhole(request: Int, response: Int) throws {
    for mode in [ListenerMode.sharedAccept, .reuseport, .uring] {
      let exchange = Exchange(.rr, requestBytes: request, responseBytes: response)
      let server = try Server(ServerOptions(mode, exchange))
      let (counts, workers, _) = try Self.measure(
        server, load(server, connections: 4), seconds: 0.05)
      #expect(counts.transactions > 3)
      #expect(counts.failed == 0)
      #expect(workers.total.transactions == counts.transactions)
    }
  }

  @Test(arguments: [ListenerMode.acceptor, .sharedAccept, .sharedEpoll, .uring])
  func aRequestMayComeByteByByte(mode: ListenerMode) throws {
    let exchange = Exchange(.rr, requestBytes: 12, responseBytes: 20)
    let server = try Server(ServerOptions(mode, exchange))
    try server.start()
    let client = try TestSocket(connectedTo: server.port)
    for round in UInt8(0)..<3 {
      let head = [UInt8](repeating: 40 + round, count: 8)
      for byte in head + [1, 2, 3, 4] {
        #expect(client.send([byte]) == 1)
        usleep(300)
      }
      let expected = head + (8..<20).map { UInt8(truncatingIfNeeded: 7 * $0) }
      #expect(client.receive(20) == expected)
    }
    client.close()
    #expect(server.stop().total.transactions == 3)
  }

  /// The response is another protocol's, and comes as it is, whole requests and those in parts.
  @Test(arguments: ListenerMode.serving(.rr).filter { $0 != .uring })
  func aFixedResponseIsSentAsItIs(mode: ListenerMode) throws {
    let response = Array("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes".utf8)
    let server = try Server(
      ServerOptions(
        mode, Exchange(.rr, requestBytes: 10), cpus: [0], fixedResponse: response))
    try server.start()
    let client = try TestSocket(connectedTo: server.port)
    for part in [10, 4, 10] {
      let request = [UInt8](repeating: 65, count: 10)
      #expect(client.send(Array(request[..<part])) == part)
      usleep(2_000)
      _ = client.send(Array(request[part...]))
      #expect(client.receive(response.count) == response)
    }
    client.close()
    #expect(server.stop().total.transactions == 3)
  }

  @Test func aClientThatSaysTooMuchIsCutOff() throws {
    let server = try Server(ServerOptions(.reuseport, Exchange(.rr, requestBytes: 16)))
    try server.start()
    let client = try TestSocket(connectedTo: server.port)
    #expect(client.send([UInt8](repeating: 1, count: 10)) == 10)
    usleep(20_000)
    #expect(client.send([UInt8](repeating: 1, count: 10)) == 10)
    #expect(client.receive(64) == [])
    #expect(server.stop().total.broken == 1)
  }

  /// Connections of all threads take the sources in turn, and the next one when opened again.
  @Test(arguments: [(2, 2, 2), (8, 32, 16), (3, 4, 4)])
  func everySourceIsUsed(threads: Int, connections: Int, sources: Int) throws {
    let server = try Server(ServerOptions(.reuseport, Exchange(.rr), maxConnections: 64))
    var options = load(server, connections: connections)
    options.threads = threads
    options.sources = (1...sources).map { "127.0.3.\($0)" }
    try server.start()
    let generator = try LoadGenerator(
      options, Window(start: MonotonicClock.now(), warmUp: 0, duration: 0.3))
    try generator.start()
    usleep(150_000)
    let table = try LiveKernel().text(.proc("net/tcp"))
    let counts = generator.finish().0
    #expect(counts.failed == 0)
    for source in 1...sources {
      // As the kernel prints 127.0.3.n, little-endian.
      let address = "\(source < 16 ? "0" : "")\(String(source, radix: 16, uppercase: true))03007F:"
      #expect(table.contains(" \(address)"), "no connection from 127.0.3.\(source)")
    }
  }

  @Test func openLoopKeepsItsRateAndItsClock() throws {
    let server = try Server(ServerOptions(.reuseport, Exchange(.rr)))
    let (counts, _, latency) = try Self.measure(
      server, load(server, rate: 2000), seconds: 0.5)
    #expect((850...1000).contains(counts.measured))
    #expect(counts.overdue == 0)
    #expect((latency?.count ?? 0) == counts.measured)
  }

  /// A server that stands still for 200 ms: closed-loop load sees one slow transaction on each
  /// connection, open-loop load every one that should have begun meanwhile.
  @Test func openLoopIsFreeOfCoordinatedOmission() throws {
    let stalling = try StallingServer(stall: 0.2)
    let exchange = Exchange(.rr)
    let window = Window(start: MonotonicClock.now(), warmUp: 0, duration: 0.5)
    let generator = try LoadGenerator(
      LoadOptions(
        exchange, targets: ["127.0.0.1:\(stalling.port)"], connections: 1, threads: 1, rate: 500),
      window)
    try generator.start()
    let (counts, latency) = generator.finish()
    stalling.stop()
    let summary = try #require(latency.summary)
    // 100 of 250 fell due during the stall, and waited 100 ms on average.
    #expect(counts.measured > 200)
    #expect(summary.p90 > 80_000_000)
    #expect(summary.p50 < 80_000_000)
  }

  @Test func aScheduleDoesNotDrift() {
    var schedule = Schedule(rate: 3, start: 1000, thread: 1, of: 3)
    #expect(schedule.next == 1000 + 333_333_333)
    for _ in 0..<3_000 { _ = schedule.take() }
    #expect(schedule.next == 1000 + 333_333_333 + 3_000_000_000_000)
    #expect(schedule.overdue(at: schedule.next) == 0)
    #expect(schedule.overdue(at: schedule.next + 2_500_000_000) == 3)
    #expect(Schedule(rate: nil, start: 0, thread: 0, of: 1).overdue(at: .max - 1) == 0)
  }

  /// CPU numbers that take turns between nodes, in the order that workers would get them.
  @Test func workersOfOneNodeStandSideBySide() {
    let order = ReuseportNUMA.sideBySide([0, 1, 2, 3, 9, 8]) { $0 % 2 }
    #expect(order == [0, 2, 8, 1, 3, 9])
    #expect(ReuseportNUMA.sideBySide([3, 1, 2]) { _ in 0 } == [3, 1, 2])
    #expect(ReuseportNUMA.sideBySide([5, 4, 1, 0]) { $0 / 4 } == [1, 0, 5, 4])
  }

  /// Connections that stay are asked as well, and not only when they come.
  @Test(arguments: [ListenerMode.acceptor, .sharedAccept, .reuseport, .uring])
  func localityOfConnectionsThatStayIsSampled(mode: ListenerMode) throws {
    let server = try Server(ServerOptions(mode, Exchange(.rr), cpus: [0]))
    var options = load(server, connections: 4)
    options.threads = 1
    options.cpus = [0]
    let (counts, workers, _) = try Self.measure(server, options, seconds: 0.2)
    let total = workers.total
    #expect(total.localitySampled == total.transactions / 64 && counts.transactions > 64)
    #expect(total.localityMatched * 10 > total.localitySampled * 9)
  }

  @Test(.enabled(if: AllowedCPUs.current(LiveKernel()).count >= 2, "needs two CPUs"))
  func steeringByCPUBringsPacketAndWorkerTogether() throws {
    // On loopback the sender's CPU takes the packet, so pinned load decides who serves.
    let server = try Server(
      ServerOptions(.reuseportCPU, Exchange(.crr), workers: 2, cpus: [0, 1]))
    var options = load(server)
    options.threads = 1
    options.cpus = [1]
    let (_, workers, _) = try Self.measure(server, options, seconds: 0.3)
    #expect(workers[1].accepted > 100)
    #expect(workers[0].accepted * 20 < workers[1].accepted)
    #expect(workers.total.localitySampled > 0)
    #expect(workers.total.localityMatched * 10 > workers.total.localitySampled * 9)
  }
}

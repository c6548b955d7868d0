import KernelIO
import TestSupport
import Testing

@testable import Scaling

@Suite("Counts of a transaction", .serialized) struct TransactionCountTests {
  @Test func callsAreNamedMostFrequentFirst() {
    var counts = [UInt64](repeating: 0, count: 512)
    // Numbers differ between machines; these no machine has.
    counts[511] = 3
    counts[510] = 7
    counts[509] = 3
    #expect(
      TransactionCounter.calls(counts).map { "\($0.name): \($0.count)" } == [
        "system call 510: 7", "system call 509: 3", "system call 511: 3",
      ])
    #expect(TransactionCounter.calls([]).isEmpty)
  }

  @Test func packetsAreThoseThatTheLinkSent() {
    let head = """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
          lo:    1 2 3 4 5 6 7 8 9 10 11

      """
    #expect(TransactionCounter.sent(head) == nil)
    #expect(TransactionCounter.sent(head + "rxtune0: 10 20 0 0 0 0 0 0 30 40 0 0") == 40)
    #expect(TransactionCounter.sent(head + "rxtune0: 10 20 0 0 0 0 0 0 30") == nil)
    #expect(TransactionCounter.sent("rxtune0: 1 2 3 4 5 6 7 8 9 x") == nil)
    #expect(TransactionCounter.sent("") == nil)
  }

  /// A run of the server that accepts in epoll, as `EpollLoop` calls the kernel.
  private func counts(_ workload: Workload) throws -> TransactionCounts {
    let plan = SweepPlan(
      modes: [.reuseport], workerCounts: [1], exchange: Exchange(workload), connections: 16,
      duration: 0.5, warmUp: 0.1, serverCPUs: [0], clientCPUs: [0], network: .namespaces)
    let combination = try #require(plan.combinations.first)
    let counter = try TransactionCounter(LiveKernel())
    let run = Run(
      plan: plan, combination: combination, round: 1, executable: Tool.path ?? "",
      observer: counter)
    return counter.result(try run.measure(try Interruption()))
  }

  private static let isPossible =
    Tool.path != nil && NetworkNamespace.isAvailable
    && BPFPrivilege.missing(LiveKernel())?.isEmpty == true && (try? LiveKernel().types()) != nil

  @Test(.enabled(if: isPossible, "needs root, BPF and the kernel's types"))
  func aShortConnectionIsAcceptedReadAnsweredAndClosed() throws {
    let counts = try counts(.crr)
    #expect(counts.transactions > 100)
    func each(_ name: String, _ end: TransactionCounts.End) -> Double {
      counts.each(end.calls.first { $0.name == name }?.count) ?? 0
    }
    for name in ["accept4", "sendto", "close"] {
      #expect(abs(each(name, counts.server) - 1) < 0.1, "\(name) \(each(name, counts.server))")
    }
    // A socket is reset and taken again by connect(2) to AF_UNSPEC, which is the second.
    for (name, count) in [("connect", 2.0), ("sendto", 1)] {
      #expect(abs(each(name, counts.load) - count) < 0.1, "\(name) \(each(name, counts.load))")
    }
    // SYN, SYN-ACK, ACK, request, response, FIN or reset, and acknowledgements of these.
    let packets = try #require(counts.each(counts.packets))
    #expect((6...12).contains(packets), "\(packets)")
    // A socket each, an skb a packet: fewer there cannot be.
    let allocations = try #require(counts.each(counts.allocations))
    #expect((8...100).contains(allocations), "\(allocations)")
  }

  @Test(.enabled(if: isPossible, "needs root, BPF and the kernel's types"))
  func aKeptOneIsReadAndAnswered() throws {
    let counts = try counts(.rr)
    #expect(counts.transactions > 100)
    let calls = counts.server.calls.filter { ["recvfrom", "sendto"].contains($0.name) }
    for call in calls {
      #expect(abs((counts.each(call.count) ?? 0) - 1) < 0.1, "\(call)")
    }
    #expect(calls.count == 2)
    #expect((1.8...3).contains(counts.each(counts.packets) ?? 0), "\(counts)")
  }
}

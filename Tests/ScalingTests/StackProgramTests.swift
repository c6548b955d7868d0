import Glibc
import KernelIO
import TestSupport
import Testing

@testable import Scaling

extension PacketBackend {
  /// Those whose program has been built.
  fileprivate static let stacks = lwIPs + dpdks + mTCPs
  fileprivate static let lwIPs = isBuilt("rxtune-lwip") ? [lwIP, lwIPPacketMMap] : []
  fileprivate static let dpdks = isBuilt("rxtune-dpdk") ? [dpdkAFXDP, dpdkAFPacket] : []
  /// Its library is its user's to build.
  fileprivate static let mTCPs = isBuilt("rxtune-mtcp") ? [mTCP, mTCPPacketMMap] : []

  private static func isBuilt(_ program: String) -> Bool {
    (try? Libexec.path(of: program, LiveKernel())) != nil
  }
}

/// A stack, how it is to serve, and what.
struct StackServing: CustomTestStringConvertible {
  var backend: PacketBackend
  var exchange: Exchange
  var wait = PacketWait.poll
  var queues = 1
  var threads = 1
  var attach = XDPAttach.native

  var testDescription: String {
    "\(backend.name) \(exchange.workload.rawValue) \(exchange.close.rawValue) "
      + "\(exchange.requestBytes)/\(exchange.responseBytes) \(wait.rawValue) \(queues) queues "
      + "\(threads) processes \(attach.rawValue)"
  }

  static let all =
    PacketBackend.lwIPs.flatMap { backend in
      [
        StackServing(backend: backend, exchange: Exchange(.crr)),
        StackServing(backend: backend, exchange: Exchange(.crr, close: .fin)),
        StackServing(backend: backend, exchange: Exchange(.rr), wait: .busy),
        StackServing(backend: backend, exchange: Exchange(.crr), queues: 4, threads: 2),
        StackServing(backend: backend, exchange: Exchange(.rr), queues: 4),
        StackServing(backend: backend, exchange: Exchange(.udpRR), queues: 4, threads: 2),
        // Of many packets, both ways.
        StackServing(
          backend: backend, exchange: Exchange(.rr, requestBytes: 4000, responseBytes: 9000)),
        StackServing(
          backend: backend, exchange: Exchange(.crr, requestBytes: 65_536, responseBytes: 65_536)),
      ]
    } + [StackServing(backend: .lwIP, exchange: Exchange(.crr), attach: .generic)]
    + PacketBackend.dpdks.flatMap { backend in
      [
        StackServing(backend: backend, exchange: Exchange(.crr), wait: .busy),
        StackServing(backend: backend, exchange: Exchange(.rr, responseBytes: 9000)),
        StackServing(backend: backend, exchange: Exchange(.udpRR)),
      ]
    }
    + PacketBackend.mTCPs.flatMap { backend in
      [
        StackServing(backend: backend, exchange: Exchange(.crr)),
        StackServing(backend: backend, exchange: Exchange(.crr, close: .fin), queues: 4),
        StackServing(backend: backend, exchange: Exchange(.rr), wait: .busy),
        StackServing(
          backend: backend, exchange: Exchange(.rr, requestBytes: 4000, responseBytes: 9000)),
      ]
    }

  func server() throws -> PacketServer {
    try PacketServer(
      PacketServerOptions(
        backend, exchange, device: ServedLink.device, threads: threads, wait: wait, attach: attach))
  }
}

@Suite(
  "Stacks in user space", .serialized, .enabled(if: ServedLink.isAvailable, "needs root"),
  .enabled(if: !PacketBackend.stacks.isEmpty, "needs make libexec"))
struct StackProgramTests {
  @Test(arguments: StackServing.all)
  func everyTransactionIsAnsweredRightly(serving: StackServing) throws {
    try ServedLink.run(queues: serving.queues, serve: serving.server) { link, server in
      try server.start()
      let window = Window(start: MonotonicClock.now(), warmUp: 0, duration: 0.1)
      let load = LoadOptions(
        serving.exchange, targets: ["\(ServedLink.serverAddress):\(server.port)"], connections: 16,
        threads: 2)
      let generator = try LoadGenerator(load, window)
      try generator.start()
      let (counts, _) = generator.finish()
      // Once it has stopped, the kernel sees what the client still sends.
      let missed = server.missed
      let served = server.stop()
      #expect(counts.transactions > 0)
      #expect(counts.failed == 0 && counts.unfinished == 0, "\(counts)")
      let total = served.total
      #expect(total.transactions == counts.transactions, "\(total)")
      #expect(total.damaged == 0 && total.unsent == 0 && total.dropped == 0, "\(total)")
      #expect(served.count == serving.threads && missed ?? 0 == 0)
      #expect(server.usage.user + server.usage.system > 0)
      let hasXDP = [.lwIP, .mTCP].contains(serving.backend)
      #expect(server.facts.attach == (hasXDP ? serving.attach : nil))
    }
  }

  /// A script that has a server at work, told to `told`, and its process and the stack's in variables.
  private func run(_ backend: PacketBackend, _ script: String) throws -> String {
    try BackendCommandTests.run(
      """
      serve="$tool bench serve --workload crr --port 7070 --backend \(backend.name) v0"
      start() {
        $serve > told 2>&1 & server=$!
        for n in $(seq 200); do grep -q ' port 7070' told && break; sleep 0.05; done
        stack=$(cat /proc/$server/task/$server/children)
      }
      gone() {
        for n in $(seq 250); do
          grep -qs '^State:.[RSD]' /proc/$1/task/*/status || return
          sleep 0.02
        done
        echo still there
      }
      rest() {
        for n in $(seq 100); do ip -d link show v0 | grep -q prog/xdp || break; sleep 0.02; done
        ip -d link show v0 | grep prog/xdp
        grep ':1B9E' /proc/net/tcp
        tail -n +2 /proc/net/packet
      }
      \(script)
      """
    ).output
  }

  @Test(arguments: PacketBackend.stacks)
  func nothingStaysOfAServerThatIsKilled(backend: PacketBackend) throws {
    let output = try run(
      backend,
      """
      exec 2>/dev/null
      start
      kill -9 $server; wait $server
      gone $stack; rest
      $serve --duration 100ms > again || cat again
      echo done
      """)
    #expect(output == "done\n")
  }

  @Test(arguments: PacketBackend.stacks)
  func aStackThatIsKilledEndsTheServer(backend: PacketBackend) throws {
    let output = try run(
      backend,
      """
      exec 2>/dev/null
      start
      kill -9 $stack; wait $server
      echo "exit code $?"; grep unexpectedly told
      rest
      """)
    let program = "rxtune-" + (backend.name.split(separator: "-").first ?? "")
    #expect(
      output == "exit code 1\nrxtune: error: \(program) ended unexpectedly (signal 9)\n",
      "\(output)")
  }

  @Test(arguments: PacketBackend.stacks)
  func aDeviceThatGoesEndsTheServer(backend: PacketBackend) throws {
    let output = try run(
      backend, "start; ip link del v0; wait $server; echo exit code $?; cat told")
    #expect(output.contains("exit code 1"), "\(output)")
    #expect(output.contains("v0 has gone, or was taken down: "), "\(output)")
  }

  @Test func oneServerADevice() throws {
    let output = try run(.lwIP, "start; $serve --port 7071; kill $server; wait $server")
    #expect(
      output.contains("v0 rx-0: bind an AF_XDP socket: device or resource busy (EBUSY)"),
      "\(output)")
  }
}

@Suite("Programs of libexec") struct LibexecTests {
  @Test func liesBesideRxtuneOrWhereItIsInstalled() {
    #expect(
      Libexec.folders(executable: "/usr/local/bin/rxtune", named: nil)
        == ["/usr/local/bin", "/usr/local/libexec/rxtune"])
    #expect(Libexec.folders(executable: "/rxtune", named: "") == ["", "/libexec/rxtune"])
    #expect(Libexec.folders(executable: "/usr/bin/rxtune", named: "/opt/x") == ["/opt/x"])
  }

  @Test(.enabled(if: ServedLink.isAvailable, "needs root")) func saysWhatIsMissing() throws {
    let ending = try BackendCommandTests.run(
      "RXTUNE_LIBEXEC=/nowhere $tool bench serve --workload rr --backend lwip v0")
    #expect(ending.exitCode == 1)
    #expect(
      ending.output.hasPrefix(
        "rxtune: error: rxtune-lwip is not in /nowhere; install it, or build it with make libexec\n"
      ),
      "\(ending.output)")
    let mTCP = try BackendCommandTests.run(
      "RXTUNE_LIBEXEC=/nowhere $tool bench serve --workload rr --backend mtcp v0")
    #expect(mTCP.exitCode == 1)
    #expect(
      mTCP.output.hasPrefix(
        "rxtune: error: rxtune-mtcp is not in /nowhere; build mTCP, and then: make libexec "
          + "MTCP=PATH/libmtcp.a\n"), "\(mTCP.output)")
  }
}

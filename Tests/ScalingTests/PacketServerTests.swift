import Glibc
import KernelIO
import TestSupport
import Testing

@testable import Scaling

extension PacketBackend {
  /// Those whose datagrams this process answers itself.
  static let datagrams = all.filter { $0.serves(.receive) && !$0.takesDevice }
}

/// A backend and how it is to serve.
struct Serving: CustomTestStringConvertible {
  var backend: PacketBackend
  var wait = PacketWait.poll
  var queues = 1
  var threads = 1
  var attach = XDPAttach.native

  var testDescription: String {
    "\(backend.name) \(wait.rawValue) \(queues) queues \(threads) threads \(attach.rawValue)"
  }

  static let all: [Serving] =
    PacketBackend.datagrams.flatMap { backend in
      PacketWait.allCases.flatMap { wait in
        [(1, 1), (4, 1), (4, 2)].map { queues, threads in
          Serving(backend: backend, wait: wait, queues: queues, threads: threads)
        }
      }
    } + [Serving(backend: .afXDP, queues: 4, attach: .generic)]

  func server(
    _ exchange: Exchange = Exchange(.udpRR, requestBytes: 40, responseBytes: 100)
  ) throws -> PacketServer {
    try PacketServer(
      PacketServerOptions(
        backend, exchange, device: ServedLink.device, threads: threads, wait: wait, attach: attach))
  }
}

@Suite("Packet servers", .serialized, .enabled(if: ServedLink.isAvailable, "needs root"))
struct PacketServerTests {
  @Test(arguments: Serving.all)
  func everyRequestIsAnsweredRightly(serving: Serving) throws {
    try ServedLink.run(queues: serving.queues, serve: { try serving.server() }) { link, server in
      try server.start()
      for source in 0..<8 {
        let client = try DatagramClient(to: server.port)
        for number in 0..<25 {
          let head = (0..<8).map { UInt8(truncatingIfNeeded: number * 31 + source * 7 + $0) }
          let request = head + [UInt8](repeating: 9, count: 32)
          let expected = head + (8..<100).map { UInt8(truncatingIfNeeded: 7 * $0) }
          #expect(client.ask(request) == .success(expected))
        }
      }
      let counts = server.stop()
      #expect(counts.total.transactions == 200)
      #expect(counts.total.received == 200)
      #expect(counts.total.damaged == 0 && counts.total.foreign == 0)
      #expect(counts.total.dropped == 0 && counts.total.unsent == 0)
      #expect(server.missed ?? 0 == 0)
      #expect(counts.count == serving.threads)
    }
  }

  @Test(arguments: PacketBackend.datagrams)
  func datagramsOneWayAreCounted(backend: PacketBackend) throws {
    let exchange = Exchange(.receive, requestBytes: 40)
    try ServedLink.run(serve: { try Serving(backend: backend).server(exchange) }) { link, server in
      try server.start()
      let client = try DatagramClient(to: server.port)
      for _ in 0..<100 { #expect(client.send([UInt8](repeating: 1, count: 40))) }
      // Of a wrong length.
      #expect(client.send([UInt8](repeating: 1, count: 39)))
      #expect(client.send([UInt8](repeating: 1, count: 41)))
      wait { server.counts.total.received == 102 }
      let total = server.stop().total
      #expect(total.transactions == 100 && total.damaged == 2, "\(total)")
    }
  }

  /// Waits for something that takes its moment, ten seconds at most.
  private func wait(until isSo: () -> Bool) {
    for _ in 0..<1000 where !isSo() { usleep(10_000) }
  }

  @Test(arguments: PacketBackend.datagrams)
  func theKernelKeepsTheRest(backend: PacketBackend) throws {
    try ServedLink.run(serve: { try Serving(backend: backend).server() }) { link, server in
      try server.start()
      // ARP was answered by the kernel, and so is what comes to another port.
      let stranger = try DatagramClient(to: server.port ^ 1)
      #expect(stranger.ask([1, 2, 3]) == .failure(Errno(rawValue: ECONNREFUSED)))
      let client = try DatagramClient(to: server.port)
      #expect(try client.ask([UInt8](repeating: 0, count: 40)).get().count == 100)
      // In fragments, which the kernel puts together for nobody.
      #expect(client.send([UInt8](repeating: 0, count: 4000)))
      #expect(try client.ask([UInt8](repeating: 0, count: 40)).get().count == 100)
      #expect(server.stop().total.transactions == 2)
      // Nobody serves any more, and the kernel says so.
      #expect(client.ask([1]) == .failure(Errno(rawValue: ECONNREFUSED)))
    }
  }

  /// 64 flows over four queues, of which one has a socket: the others' packets go to the kernel.
  @Test func whatComesByAnotherQueueIsCounted() throws {
    let options = PacketServerOptions(
      .afXDP, Exchange(.receive, requestBytes: 40), device: ServedLink.device, queues: [0])
    try ServedLink.run(queues: 4, serve: { try PacketServer(options) }) { link, server in
      try server.start()
      let clients = try (0..<64).map { _ in try DatagramClient(to: server.port) }
      for client in clients { #expect(client.send([UInt8](repeating: 1, count: 40))) }
      wait { server.counts.total.received + (server.missed ?? 0) == 64 }
      let received = server.counts.total.received
      #expect(received > 0 && received < 64)
      #expect(server.missed == 64 - received)
      _ = server.stop()
    }
  }

  @Test(arguments: PacketBackend.datagrams, PacketWait.allCases)
  func aDeviceThatGoesEndsTheServer(backend: PacketBackend, wait: PacketWait) throws {
    // A socket without a device waits for it to come again.
    guard backend.takesFrames else { return }
    let serving = Serving(backend: backend, wait: wait, queues: 4, threads: 2)
    try ServedLink.run(queues: 4, serve: { try serving.server() }) { link, server in
      try server.start()
      #expect(!Interruption.isReadable(server.failedEvent))
      try link.atServer("ip link del v0")
      self.wait { server.failure != nil }
      #expect(server.failure?.message == "v0 has gone, or was taken down")
      #expect(Interruption.isReadable(server.failedEvent))
      _ = server.stop()
    }
  }

  // MARK: Refusals

  private func refusal(
    queues: Int = 1, mtu: Int = 1500, _ serve: @escaping () throws -> Void
  ) throws -> BenchError? {
    var refusal: BenchError?
    try ServedLink.run(
      queues: queues, mtu: mtu,
      serve: { do { try serve() } catch let error as BenchError { refusal = error } }
    ) { _, _ in }
    return refusal
  }

  private func serve(
    _ backend: PacketBackend, _ change: (inout PacketServerOptions) -> Void = { _ in }
  ) throws {
    var options = PacketServerOptions(backend, Exchange(.udpRR), device: ServedLink.device)
    change(&options)
    _ = try PacketServer(options)
  }

  @Test(arguments: [
    (
      0,
      "v0 rx-0: bind an AF_XDP socket: device or resource busy (EBUSY); "
        + "another program has the queue for itself (AF_XDP); end it first"
    ),
    (
      1,
      "v0: cannot attach the XDP program in native mode: device or resource busy (EBUSY); "
        + "another XDP program is attached: end its program, or ip link set v0 xdp off"
    ),
  ])
  func oneProgramADevice(queue: Int, words: String) throws {
    let error = try refusal(queues: 2) {
      let options = PacketServerOptions(
        .afXDP, Exchange(.udpRR), device: ServedLink.device, queues: [0])
      let first = try PacketServer(options)
      defer { _ = first.stop() }
      try serve(.afXDP) { $0.queues = [queue] }
    }
    #expect(error?.description == words)
  }

  @Test(arguments: PacketBackend.datagrams)
  func oneServerAPort(backend: PacketBackend) throws {
    let error = try refusal {
      let first = try Serving(backend: .packetMMap).server()
      defer { _ = first.stop() }
      try serve(backend) { $0.port = first.port }
    }
    #expect(error?.errno == Errno(rawValue: EADDRINUSE), "\(String(describing: error))")
  }

  @Test func onlyWhatFitsAPacket() throws {
    let jumbo = try refusal(mtu: 9000) { try serve(.afXDP) }
    #expect(
      jumbo?.description
        == "v0 has an MTU of 9000, and af-xdp holds packets up to 3822; ip link set v0 mtu 1500")
    for backend in [PacketBackend.afXDP, .packetMMap] {
      let long = try refusal { try serve(backend) { $0.exchange.responseBytes = 1473 } }
      #expect(
        long?.message.contains("1501 bytes with headers") == true, "\(String(describing: long))")
      #expect(try refusal { try serve(backend) { $0.exchange.responseBytes = 1472 } } == nil)
    }
  }

  @Test func modesThatADriverRefuses() throws {
    let refused = try refusal { try serve(.afXDP) { $0.attach = .zeroCopy } }
    #expect(
      refused?.description
        == "v0 rx-0: bind an AF_XDP socket: not supported (EOPNOTSUPP); "
        + "the driver has no zero-copy mode: use --xdp native", "\(String(describing: refused))")
    // A veth's driver has no room for so long a packet, which the stack has.
    let driver = try refusal(mtu: 3800) { try serve(.afXDP) }
    #expect(
      driver?.message == "v0: cannot attach the XDP program in native mode",
      "\(String(describing: driver))")
    for (mtu, wanted, attach, count) in [
      (1500, XDPAttach.zeroCopy, XDPAttach.native, 1), (3800, .zeroCopy, .generic, 2),
      (1500, .native, .native, 0),
    ] {
      var facts: BackendFacts?
      let refused = try refusal(mtu: mtu) {
        var options = PacketServerOptions(.afXDP, Exchange(.udpRR), device: ServedLink.device)
        options.attach = wanted
        options.fallsBack = true
        facts = try PacketServer(options).facts
      }
      #expect(refused == nil)
      #expect(
        facts?.attach == attach && facts?.refusals.count == count, "\(String(describing: facts))")
    }
  }

  @Test func whatIsNotThere() throws {
    for (change, words) in [
      ({ $0.device = "v9" }, "no device 'v9' here; rxtune show lists them"),
      ({ $0.queues = [1] }, "v0 has no queue rx-1: it has rx-0 to rx-0"),
      ({ $0.address = "fe80::1" }, "fe80::1: packet backends serve IPv4 only"),
      ({ $0.address = "here" }, "\"here\" is no IPv4 address"),
      (
        { $0.exchange.workload = .crr },
        "af-xdp does not serve crr; use --workload udp-rr or receive"
      ),
      ({ $0.threads = 0 }, "--workers 0: use 1 to 512"),
      ({ $0.threads = 2 }, "--workers 2: v0 has 1 queue to serve, each by one worker; use 1"),
      ({ $0.queues = [] }, "v0: no receive queue is named"),
      ({ $0.device = "lo" }, "lo has an MTU of 65536, and af-xdp holds packets up to 3822"),
    ] as [((inout PacketServerOptions) -> Void, String)] {
      let error = try refusal { try serve(.afXDP, change) }
      #expect(error?.description.hasPrefix(words) == true, "\(String(describing: error))")
    }
    let without = try refusal {
      try Shell.run("ip addr flush dev v0")
      try serve(.packetMMap)
    }
    #expect(without?.message == "v0 has no IPv4 address")
    let down = try refusal {
      try Shell.run("ip link set v0 down")
      try serve(.packetMMap)
    }
    #expect(down?.description == "v0 is down; ip link set v0 up")
  }

  /// Ports of netmap are no devices of the kernel's, which is not asked for them.
  @Test(.enabled(if: (try? Shell.run("test -e /dev/netmap")) == nil, "this kernel has netmap"))
  func portsOfNetmap() throws {
    let missing = "open /dev/netmap: no such file or directory (ENOENT); this kernel has no netmap"
    for (device, address, words) in [
      ("vale0:web", "192.0.2.9", "vale0:web: \(missing)"),
      ("vale1:web{1", "192.0.2.9", "vale1:web{1: \(missing)"),
      ("v0}1", "192.0.2.9", "v0}1: \(missing)"),
      ("v0", nil, "v0: \(missing)"),
      (
        "vale0:web", nil,
        "vale0:web is a port of netmap, which has no address; name one to serve there with --host"
      ),
      ("vale0:web", "fe80::1", "fe80::1: packet backends serve IPv4 only"),
      ("vale0", "192.0.2.9", "no device 'vale0' here"),
      ("web:1", "192.0.2.9", "no device 'web:1' here"),
      (
        "vale0:" + String(repeating: "a", count: 58), "192.0.2.9",
        "vale0:\(String(repeating: "a", count: 58)) is longer than a name of netmap's (63 bytes)"
      ),
    ] as [(String, String?, String)] {
      let error = try refusal {
        try serve(.netmap) {
          $0.device = device
          $0.address = address
        }
      }
      #expect(error?.description.hasPrefix(words) == true, "\(String(describing: error))")
    }
    let exchange = Exchange(.udpRR)
    #expect(PacketServerOptions(.netmap, exchange, device: "v0}1").kernelDevice == "v0")
    #expect(PacketServerOptions(.netmap, exchange, device: "vale1:v0}1").kernelDevice == nil)
    #expect(PacketServerOptions(.netmap, exchange, device: "netmap:v0").device == "v0")
    #expect(PacketServerOptions(.packetMMap, exchange, device: "netmap:v0").device == "netmap:v0")
    #expect(PacketServerOptions(.packetMMap, exchange, device: "v0}1").kernelDevice == "v0}1")
    let other = try refusal { try serve(.packetMMap) { $0.device = "vale0:web" } }
    #expect(other?.message == "no device 'vale0:web' here")
  }
}

@Suite("bench serve --backend", .serialized, .enabled(if: ServedLink.isAvailable, "needs root"))
struct BackendCommandTests {
  private let tool = Tool.path ?? ""

  private func run(_ script: String) throws -> Tool.Ending { try Self.run(script) }

  /// A script in a network namespace of its own, with v0 and its peer in another one.
  static func run(_ script: String) throws -> Tool.Ending {
    // sysfs shows the network namespace that mounted it.
    let preparation = """
      umount -l /sys && mount -t sysfs sysfs /sys
      cd $(mktemp -d)
      unshare -n sleep 60 > /dev/null 2>&1 & far=$!
      trap "kill -9 $far; rm -r $PWD" EXIT
      ip link set lo up
      until [ "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
      ip link add v0 type veth peer name v1 netns $far
      ip address add 198.18.0.1/24 dev v0 && ip link set v0 up
      nsenter -t $far -n ip address add 198.18.0.2/24 dev v1
      nsenter -t $far -n ip link set v1 up
      tool=\(Tool.path ?? "")
      serve="$tool bench serve --workload udp-rr --port 7070"
      load="nsenter -t $far -n $tool bench load 198.18.0.1:7070 --workload udp-rr --warm-up 0"

      """
    return try Tool.run(["unshare", "-n", "-m", "bash", "-c", preparation + script])
  }

  @Test func servesALoadGenerator() throws {
    let ending = try run(
      """
      $serve --backend af-xdp v0 --duration 2s > served & server=$!
      $load --duration 300ms --rate 2000
      wait $server; echo "ended: $?"; cat served
      """)
    #expect(ending.output.contains("ended: 0"), "\(ending.output)")
    #expect(
      ending.output.contains("s: af-xdp on v0, native XDP, 1 queue, 1 thread, poll(2)"),
      "\(ending.output)")
    for trouble in ["timed out", "lost", "damaged", "error"] {
      #expect(!ending.output.contains(trouble), "\(ending.output)")
    }
  }

  /// The kernel takes everything back that the process had attached.
  @Test(arguments: ["af-xdp", "af-xdp --xdp generic", "packet-mmap", "recvmmsg"])
  func nothingStaysOfAServerThatIsKilled(backend: String) throws {
    let ending = try run(
      """
      $serve --backend \(backend) v0 2> told & server=$!
      for n in $(seq 200); do grep -q port told && break; sleep 0.05; done
      ip -d link show v0 | grep -c prog/xdp
      kill -9 $server; wait $server
      for n in $(seq 100); do ip -d link show v0 | grep -q prog/xdp || break; sleep 0.02; done
      ip -d link show v0 | grep -c prog/xdp
      cat /proc/net/udp | grep -c ':1B9E'
      ls /proc/net/packet > /dev/null && tail -n +2 /proc/net/packet | wc -l
      $serve --backend \(backend) v0 --duration 100ms > again || echo failed
      """)
    let numbers = ending.output.split(separator: "\n").filter { $0.allSatisfy(\.isNumber) }
    #expect(
      numbers == [backend.hasPrefix("af-xdp") ? "1" : "0", "0", "0", "0"], "\(ending.output)")
    #expect(!ending.output.contains("failed"), "\(ending.output)")
  }

  @Test func saysWhatItNeeds() throws {
    let ending = try run(
      """
      for backend in af-xdp packet-mmap; do
        setpriv --reuid 65534 --regid 65534 --clear-groups $serve --backend $backend v0 2>&1
      done
      setpriv --bounding-set=-ipc_lock prlimit --memlock=65536:65536 $serve --backend af-xdp v0
      ip route add default via 198.18.0.2
      $serve --backend af-xdp v0
      ip route del default
      SSH_CONNECTION='198.18.0.2 40000 198.18.0.1 22' $serve --backend packet-mmap v0
      $serve --backend af-xdp
      $serve v0
      """)
    for words in [
      "v0: cannot make the BPF map: operation not permitted (EPERM); needs root",
      "v0: open an AF_PACKET socket: operation not permitted (EPERM); needs root",
      "v0 rx-0: register packet memory (XDP_UMEM_REG): ",
      "locked memory is short: raise ulimit -l, or run with CAP_IPC_LOCK",
      "v0 carries the default route: this host could be cut off",
      "v0 has 198.18.0.1, which your SSH session comes in by",
      "--backend serves on a device: name it, as in --backend af-xdp eth1",
      "a device is named only with --backend",
    ] { #expect(ending.output.contains(words), "\(words) in \(ending.output)") }
  }

  @Test(arguments: ["af-xdp", "recvmmsg"])
  func itsDocumentIsValid(backend: String) throws {
    guard JSONSchemaFile.isUsable else { return }
    try ServedLink.run(serve: {
      let result = try JSONSchemaFile.validate(
        "\(tool) bench serve --backend \(backend) v0 --workload udp-rr --duration 100ms --json | "
          + "tail -n 1",
        is: "bench-serve-backend")
      #expect(result.status == 0, "\(result.output)")
    }) { _, _ in }
  }
}

@Suite("Devices that are better left alone") struct DeviceCautionTests {
  @Test func knowsTheDefaultRoute() {
    let routes = """
      Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
      eth0\t00000000\t010012C6\t0003\t0\t0\t0\t00000000\t0\t0\t0
      eth1\t000012C6\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
      """
    #expect(DeviceCaution.isDefault("eth0", in: routes))
    #expect(!DeviceCaution.isDefault("eth1", in: routes))
    #expect(!DeviceCaution.isDefault("eth", in: routes))
  }

  @Test func knowsTheDefaultRouteOfIPv6() {
    let zeroes = String(repeating: "0", count: 32)
    let gateway = "fe80" + String(repeating: "0", count: 27) + "1"
    let net = "20010db8" + String(repeating: "0", count: 24)
    let routes = """
      \(net) 40 \(zeroes) 00 \(zeroes) 00000100 00000001 00000000 00000001     eth1
      \(zeroes) 00 \(zeroes) 00 \(gateway) 00000400 00000001 00000000 00000003     eth0
      \(zeroes) 00 \(zeroes) 00 \(zeroes) ffffffff 00000001 00000000 00200200       lo
      """
    #expect(DeviceCaution.isDefault6("eth0", in: routes))
    #expect(!DeviceCaution.isDefault6("eth1", in: routes))
    #expect(!DeviceCaution.isDefault6("eth", in: routes))
  }

  @Test func knowsTheSessionsAddress() {
    func address(_ text: String) -> String? {
      DeviceCaution.address(inEnvironment: Array(text.utf8)).map { "\($0)" }
    }
    #expect(address("A=1\0SSH_CONNECTION=203.0.113.5 50000 192.0.2.7 22\0B=2\0") == "192.0.2.7")
    #expect(address("SSH_CONNECTION=203.0.113.5 50000\0") == nil)
    #expect(address("SSH_CLIENT=203.0.113.5 50000 22\0") == nil)
  }
}

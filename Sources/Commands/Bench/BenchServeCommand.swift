import ArgumentParser
import Glibc
import KernelIO
import Knobs
import Notation
import Rendering
import Scaling

/// `rxtune bench serve`: the serving half alone, for two hosts.
struct BenchServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve one benchmark workload in one listener mode.",
    discussion: """
      Runs until Ctrl-C or for --duration, then prints what its workers did. With --json it prints \
      two lines: one as soon as it listens, and its results; rxtune bench report joins these with \
      those of the loads. As a service of Type=notify it is ready when it listens. Between two hosts:

        here$ rxtune bench serve --host 192.0.2.7 --workers 4 --cpus 0-3
        there$ rxtune bench load 192.0.2.7:8080 --connections 256 --duration 10

      With --backend, packets are taken from a device by other means than the kernel's stack. \
      Except with the dpdk backends, everything else on it still reaches the kernel, and what was \
      attached is gone when the command ends, however it ends:

        here$ rxtune bench serve --backend af-xdp eth1 --workload udp-rr
        there$ rxtune bench load 192.0.2.7:8080 --workload udp-rr

      The lwip backends start rxtune-lwip, and the dpdk backends rxtune-dpdk, which are installed or \
      built apart (make libexec) and looked for beside rxtune, in ../libexec/rxtune, or in the \
      directory that RXTUNE_LIBEXEC names. The mtcp backends start rxtune-mtcp, which is built with an \
      mTCP of your own (make libexec MTCP=PATH/libmtcp.a).

      --backend dpdk takes the NIC itself from the kernel: from its driver to vfio-pci where there \
      is an IOMMU, else to uio_pci_generic, with 64 MiB of huge pages. At the end it is given back \
      with its name, addresses, routes and MTU; its queues, rings and the like are as the driver \
      sets them. If the command is killed, rxtune rollback gives it back. A device with the default \
      route, or with the address of your SSH session, is refused.

        here$ modprobe vfio-pci
        here$ rxtune bench serve --backend dpdk eth1 --workload udp-rr

      --backend netmap and lwip-netmap also serve a port of a VALE switch, or an end of a pipe, that \
      other programs of netmap have the other side of. There no kernel answers ARP for them, so they \
      do, for an address that no host has and with a MAC made of it, which a NIC lets through only \
      if it is promiscuous:

        here$ ip link set eth1 promisc on
        here$ vale-ctl -a vale0:eth1
        here$ rxtune bench serve --backend lwip-netmap vale0:web --host 192.0.2.9

      Its client is rxtune bench load. With --respond and --workload rr it also serves other load \
      generators whose requests all have one size: 40 bytes for wrk http://192.0.2.7:8080/, with \
      the output of printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n' as the answer.
      """)

  @Option(help: "How workers share the port: \(ListenerMode.names).")
  var mode = ListenerMode.reuseport

  @OptionGroup var backend: BackendOptions

  @Argument(
    help: "The device of --backend; with netmap also a port, such as vale0:web or eth1}0.",
    completion: Completions.devices)
  var device: String?

  @OptionGroup var exchange: ExchangeOptions

  @Option(help: "Server threads.")
  var workers = 1

  @Option(
    help: "CPUs of the workers, such as 0-3,8. (default: not pinned)", transform: CPUSet.argument)
  var cpus: CPUSet?

  @Option(
    help: """
      Address to listen on; a link-local one needs its zone, fe80::1%eth0. (default: 127.0.0.1; \
      with --backend the device's first IPv4 address)
      """)
  var host: String?

  @Option(help: "Port to listen on; 0 lets the kernel choose.")
  var port: UInt16 = 8080

  @Option(help: "Length of the accept queue; the kernel caps it at net.core.somaxconn.")
  var backlog: Int32 = 4096

  @Option(help: "Maximum open connections.")
  var maxConnections = 16_384

  @Option(time: "How long to serve. (default: until Ctrl-C)")
  var duration: Span?

  @Option(time: "When to close the first worker's listener (reuseport modes).")
  var closeListenerAfter: Span?

  @Option(
    help: """
      Answer each --request-bytes with the contents of this file, for load generators of other \
      protocols; not with uring.
      """, completion: .file())
  var respond: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  @Flag(help: ArgumentHelp("Take orders on standard input.", visibility: .private))
  var controlled = false

  func validate() throws {
    if let duration, duration.seconds == 0 {
      throw ValidationError("--duration 0: use a time above 0")
    }
    guard (backend.backend == nil) == (device == nil) else {
      throw ValidationError(
        device == nil
          ? "--backend serves on a device: name it, as in --backend af-xdp eth1"
          : "a device is named only with --backend")
    }
    guard backend.backend == nil || (respond == nil && closeListenerAfter == nil) else {
      throw ValidationError("--respond and --close-listener-after are of listener modes")
    }
    guard let closeListenerAfter else { return }
    guard closeListenerAfter.seconds < duration?.seconds ?? .infinity else {
      throw ValidationError(
        "--close-listener-after \(closeListenerAfter): use less than --duration")
    }
    guard mode.hasListenerToClose(exchange.workload) else {
      let modes = ListenerMode.all.filter { $0.hasListenerToClose(exchange.workload) }
      throw ValidationError(
        "\(mode.name) with \(exchange.workload.rawValue) has no listener of one worker to "
          + "close; over TCP these have: \(modes.map(\.name).joined(separator: ", "))")
    }
  }

  func run() throws {
    if controlled {
      throw ExitCode(BenchChild.run(set: ProfileStaging.set, trace: ServerTrace.init))
    }
    if let packets = backend.backend, let device { return try serve(packets, on: device) }
    let interruption = try Interruption()
    let host = host ?? "127.0.0.1"
    let server = try Server(
      ServerOptions(
        mode, exchange.exchange, workers: workers, cpus: cpus?.cpus ?? [], host: host, port: port,
        backlog: backlog, maxConnections: maxConnections,
        fixedResponse: try respond.map { try LocalFile.read($0, as: .response) }))
    try server.start()
    let ready = ReadyDocument(
      mode: mode.name, workload: exchange.workload.rawValue, address: host, port: server.port,
      workers: workers)
    Console.remark("\(ready.sentence), backlog \(server.backlog)")
    try Self.announce(ready, json)
    let kernel = LiveKernel()
    Measurement.showQuotas(CPUQuota.current(kernel))
    let start = MonotonicClock.realtime()
    var use = try server.measure(kernel) { () throws(BenchError) in
      try serve(server, until: interruption)
    }.host
    let workers = server.stop()
    // The whole process's holds its start, which is ticks that few transactions cannot outweigh.
    use.usage = server.usage
    let warnings =
      Warning.emulation
      + RunCheck.warnings(
        of: use, workers.total, backlog: (backlog, server.backlog))
    if json {
      try print(
        ServerJSON.shape.encode((server, start, workers, use, warnings)), as: .jsonLine)
    } else {
      print(ServerText.text(workers, use, server.options.cpus, warnings))
    }
  }

  /// Tells whoever waits for it that the server listens.
  static func announce(_ ready: ReadyDocument, _ json: Bool) throws {
    if json { try print(ready, as: .jsonLine) }
    ServiceManager.tellReady()
  }

  private func serve(_ packets: PacketBackend, on device: String) throws {
    let options = PacketServerOptions(
      packets, exchange.exchange, device: device, address: host, port: port,
      queues: backend.queues, threads: workers, cpus: cpus?.cpus ?? [],
      wait: backend.busy ? .busy : .poll, attach: backend.xdp.xdp, fallsBack: backend.xdp.fallBack,
      state: state.path)
    try PacketServing(options: options, json: json).run { interruption, failed in
      _ = interruption.sleep(until: end(from: MonotonicClock.now()), or: failed)
    }
  }

  private func end(from start: UInt64) -> UInt64 {
    duration.map { start &+ Window.nanoseconds($0.seconds) } ?? .max
  }

  /// For --duration, or until Ctrl-C.
  private func serve(_ server: Server, until interruption: Interruption) throws(BenchError) {
    let start = MonotonicClock.now()
    if let closeListenerAfter {
      let moment = start &+ Window.nanoseconds(closeListenerAfter.seconds)
      guard interruption.sleep(until: moment) else { return }
      try server.closeListener(of: 0)
    }
    _ = interruption.sleep(until: end(from: start))
  }
}

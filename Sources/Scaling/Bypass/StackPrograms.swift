import CKernel
import Glibc
import KernelIO

/// Programs that serve by a stack of their own (Sources/rxtune-lwip), one for each thread that was
/// asked for: a stack's state is global. Queues go around among them.
final class StackPrograms: PacketCrew {
  var attachment: XDPAttachment?
  /// Takes off the device what programs leave there that are killed.
  var cleanUp: (() -> Void)?
  /// Gives back what was taken for them, and tells what is not as it was.
  var giveBack: (() -> [String])?
  private(set) var losses: [String] = []
  let failedEvent: Int32
  let isApart = true

  private let device: String
  private var programs: [StackProgram] = []

  /// - Parameters:
  ///   - way: by which the program gets its packets, as CKernel/PacketIO knows it.
  ///   - map: a BPF map that it puts its sockets into.
  ///   - extra: arguments of that way alone.
  ///   - explained: what it could not do for a queue, in the caller's words.
  init(
    _ program: String, _ way: String, _ opening: PacketOpening, _ setup: rxtune_packet_setup,
    map: Int32? = nil, extra: [String] = [], explained: (BenchError, UInt32) -> BenchError
  ) throws(BenchError) {
    device = opening.device.name
    let path = try Libexec.path(of: program, LiveKernel())
    failedEvent = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard failedEvent >= 0 else { throw BenchError.last("epoll_create1") }
    let options = opening.options
    var arguments = [
      "way=\(way)", "ifindex=\(setup.ifindex)", "address=\(setup.address)", "port=\(setup.port)",
      "protocol=\(setup.protocol)", "mtu=\(opening.device.mtu)",
      "mac=\(opening.device.mac.reduce(0) { $0 << 8 | UInt64($1) })",
      "request=\(options.exchange.requestBytes)", "response=\(options.exchange.responseBytes)",
      "closes=\(options.exchange.serverCloses ? 1 : 0)", "busy=\(setup.is_busy)",
      "frame=\(setup.frame)", "frames=\(setup.frames)", "processes=\(options.threads)",
      "zero-copy=\(setup.zero_copy)",
    ]
    arguments += extra
    if let map { arguments.append("map=\(map)") }
    var group: UInt32 = 0
    for index in 0..<options.threads {
      var own = ["group=\(group)"]
      if options.backend.isPerQueue {
        let queues = stride(from: index, to: opening.queues.count, by: options.threads)
          .map { "\(opening.queues[$0])" }
        own.append("queues=\(queues.joined(separator: ","))")
      }
      if let cpu = options.cpu(of: index) { own.append("cpu=\(cpu)") }
      let program = try StackProgram(path, arguments + own, passing: map)
      programs.append(program)
      switch try program.begin() {
      case .ready(let named): group = named
      case .failed(let step, let code, let queue):
        throw explained(BenchError(step, Errno(rawValue: code)), queue)
      default: throw program.failure(on: device)
      }
      // No event but that its output has no more writers.
      try EpollLoop.watch(failedEvent, program.output, 0, token: UInt64(index))
    }
  }

  deinit {
    stop()
    if failedEvent >= 0 { close(failedEvent) }
  }

  /// They serve from the first packet on.
  func start() {}

  var counts: [PacketCounts] {
    for program in programs { program.ask() }
    return programs.map(\.counts)
  }

  /// As of the last counts.
  var usage: ProcessUsage { programs.map(\.usage).reduce(ProcessUsage(), +) }

  var failure: BenchError? {
    programs.first(where: \.hasEnded)?.failure(on: device)
  }

  func stop() {
    attachment?.detach()
    for program in programs { program.stop() }
    if programs.contains(where: \.wasKilled) { cleanUp?() }
    cleanUp = nil
    losses += giveBack?() ?? []
    giveBack = nil
  }
}

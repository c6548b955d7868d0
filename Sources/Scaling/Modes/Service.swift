/// What a mode takes requests from.
enum Sockets: Sendable {
  /// One, for all workers.
  case shared
  /// One a worker, in a SO_REUSEPORT group.
  case perWorker(Steering? = nil)
  /// A server of another kind, which takes packets by that backend.
  case packets(PacketBackend)
}

/// A program on a SO_REUSEPORT group that picks the socket by the CPU that took the packet: each
/// worker needs a CPU of its own. Without one the kernel's keyed hash picks.
struct Steering: Sendable {
  /// Attaches it to the group of `descriptor`; socket i belongs to the worker on `cpus[i]`.
  /// 0, or the errno.
  let attach: @Sendable (_ descriptor: Int32, _ cpus: [Int32]) -> Int32
  /// How it wants the workers' CPUs, and with them the sockets, ordered.
  var order: (@Sendable (_ cpus: [Int]) -> [Int])?
  /// What EPERM asks for.
  var privilege: String?
}

/// How the workers of a mode serve one workload.
struct Service: Sendable {
  /// What a worker's epoll waits for, beside the stop event.
  enum Epoll: Sendable {
    /// It has none.
    case none
    case connections
    /// These events of its listener, and connections.
    case listener(UInt32)
  }

  var epoll = Epoll.none
  /// Workers block in accept(2) or, on what they accepted, in recv(2), and look up ten times a
  /// second whether they are to stop.
  var blocks = false
  /// The server's FIN rides on its response, and the ACK of the request too, where the server
  /// closes first.
  var joinsFIN = false
  /// Can it answer with any bytes, for clients of another protocol?
  var answersFreely = true
  /// Prepares what the loops need, before any runs.
  let threads: @Sendable (Crew) throws(BenchError) -> [WorkerThread]
}

/// The workers of one server, as a mode makes their threads.
struct Crew {
  /// They outlive the threads.
  let workers: [WorkerMemory<Worker>]
  let exchange: Exchange
  /// Descriptors of connections are below it.
  let connectionLimit: Int
}

/// A thread of a server.
struct WorkerThread: Sendable {
  /// Whose CPU it has.
  let worker: Int
  /// Returns once the server stops. It is called once: no closure is called for a transaction.
  let run: @Sendable (borrowing Worker) -> Void
}

extension Service {
  /// A thread for each worker and each of the loops.
  init(
    epoll: Epoll = .none, blocks: Bool = false, answersFreely: Bool = true,
    loops: (@Sendable (borrowing Worker) -> Void)...
  ) {
    self.epoll = epoll
    self.blocks = blocks
    self.answersFreely = answersFreely
    threads = { crew in
      loops.flatMap { loop in
        crew.workers.indices.map { WorkerThread(worker: $0, run: loop) }
      }
    }
  }

  /// Workers accept where epoll_wait(2) tells them of these events of their listener.
  static func epoll(listener events: UInt32) -> Service {
    Service(epoll: .listener(events), loops: EpollLoop.run)
  }

  /// Workers block in recvfrom(2).
  static let datagrams = Service(blocks: true, answersFreely: false, loops: DatagramLoop.run)

  /// The same, and answer nothing.
  static let arrivals = Service(blocks: true, answersFreely: false, loops: DatagramLoop.count)
}

import CKernel
import Glibc
package import KernelIO
import Synchronization

/// A server at work: its listeners and its pinned workers.
@safe package final class Server {
  package let options: ServerOptions
  package var port: UInt16 { listener.port }
  /// The backlog that the kernel granted: listen(2) is cut to net.core.somaxconn.
  package private(set) var backlog: Int32

  private let listener: Listener
  private let connections: UnsafeMutablePointer<Connection>
  private let connectionCount: Int
  private let isStopping: UnsafeMutablePointer<StopFlag>
  private let stopEvent: Int32
  private let service: Service
  private var workers: [WorkerMemory<Worker>] = []
  private var threads: [PinnedThread] = []
  private var isStopped = false
  /// Of the threads that served, in all their lives; known once it has stopped.
  package private(set) var usage = ProcessUsage()

  /// Opens what the server listens on; the workers start with `start`.
  package init(_ options: ServerOptions) throws(BenchError) {
    service = try options.check()
    try AllowedCPUs.check(options.cpus, LiveKernel())
    var options = options
    if let order = options.mode.steering?.order {
      options.cpus = order(Array(options.cpus.prefix(options.workers)))
    }
    self.options = options
    connectionCount = options.maxConnections + options.workers * 8 + 64
    try DescriptorLimit.raise(
      to: connectionCount, why: "\(options.maxConnections) connections to serve")
    listener = try Listener(options)
    backlog = min(options.backlog, SystemLimits.somaxconn(LiveKernel()) ?? options.backlog)
    unsafe connections = .allocate(capacity: connectionCount)
    unsafe connections.initialize(repeating: Connection(), count: connectionCount)
    unsafe isStopping = .allocate(capacity: 1)
    unsafe isStopping.initialize(to: StopFlag())
    stopEvent = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard stopEvent >= 0 else { throw BenchError.last("eventfd") }
    for index in 0..<options.workers { workers.append(try makeWorker(index)) }
  }

  deinit {
    _ = stop()
    workers = []
    unsafe connections.deallocate()
    unsafe isStopping.deinitialize(count: 1)
    unsafe isStopping.deallocate()
    if stopEvent >= 0 { close(stopEvent) }
    listener.close()
  }

  private func makeWorker(_ index: Int) throws(BenchError) -> WorkerMemory<Worker> {
    let exchange = options.exchange
    var epoll: Int32 = -1
    if case .none = service.epoll {
    } else {
      epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
      guard epoll >= 0 else { throw BenchError.last("epoll_create1") }
    }
    // A datagram of a wrong length must be seen to be one.
    let request = UnsafeMutableRawPointer.allocate(
      byteCount: exchange.requestBytes + 64, alignment: 64)
    let response = UnsafeMutableRawPointer.allocate(
      byteCount: exchange.responseBytes + 64, alignment: 64)
    unsafe Exchange.fill(response, exchange.responseBytes)
    var head = unsafe response
    if let bytes = options.fixedResponse {
      unsafe response.copyMemory(from: bytes, byteCount: bytes.count)
      unsafe head = response + (exchange.responseBytes + 7) / 8 * 8
    }
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Int(Worker.eventCount))
    let memory = unsafe WorkerMemory(
      Worker(
        index: index, cpu: options.cpu(of: index).map { Int32(clamping: $0) } ?? -1,
        listener: listener.descriptors[index % listener.descriptors.count], epoll: epoll,
        stopEvent: stopEvent, isStopping: isStopping, requestBytes: exchange.requestBytes,
        responseBytes: exchange.responseBytes, serverCloses: exchange.serverCloses,
        sendFlags: Int32(service.joinsFIN ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL),
        connections: connections, connectionLimit: Int32(clamping: connectionCount),
        events: events, request: request, response: response,
        head: head))
    try memory.access { (worker) throws(BenchError) in
      guard epoll >= 0 else { return }
      try EpollLoop.watch(epoll, stopEvent, EpollLoop.readable, token: Worker.stopToken)
      guard case .listener(let events) = service.epoll else { return }
      try EpollLoop.watch(epoll, worker.listener, events, token: Worker.listenerToken)
    }
    return memory
  }

  /// Starts the workers.
  package func start() throws(BenchError) {
    let crew = Crew(
      workers: workers, exchange: options.exchange, connectionLimit: connectionCount)
    for thread in try service.threads(crew) {
      let memory = workers[thread.worker]
      threads.append(
        try PinnedThread(cpu: options.cpu(of: thread.worker)) { memory.access(thread.run) })
    }
  }

  /// What the workers have counted so far.
  package var counts: [WorkerCounts] { workers.map { $0.access { WorkerCounts($0) } } }

  /// What the workers counted, and what the host did, while `wait` ran.
  package func measure(
    _ kernel: some Kernel, while wait: () throws(BenchError) -> Void
  ) throws(BenchError) -> (counts: [WorkerCounts], host: HostUse) {
    let before = (host: HostSample(kernel, isStart: true), counts: counts)
    try wait()
    let after = (host: HostSample(kernel), counts: counts)
    return (
      zip(after.counts, before.counts).map { $0 - $1 }, HostUse(from: before.host, to: after.host)
    )
  }

  /// Takes a worker's own listener away, as a server does that retires a worker. What waits in its
  /// accept queue is reset, or moved to the others where net.ipv4.tcp_migrate_req is 1.
  package func closeListener(of worker: Int) throws(BenchError) {
    guard options.mode.hasListenerToClose(options.exchange.workload),
      workers.indices.contains(worker)
    else {
      throw BenchError("\(options.mode.name) has no listener of one worker to close")
    }
    let (listener, epoll) = workers[worker].access { ($0.listener, $0.epoll) }
    // Not close(2): the number could become a connection before the worker has seen it.
    _ = epoll_ctl(epoll, EPOLL_CTL_DEL, listener, nil)
    guard shutdown(listener, Int32(SHUT_RDWR)) == 0 else { throw BenchError.last("shutdown") }
  }

  /// Stops within a tenth of a second, closes every connection, and returns the last counts.
  package func stop() -> [WorkerCounts] {
    guard !isStopped else { return counts }
    isStopped = true
    unsafe isStopping.pointee.isSet.store(true, ordering: .relaxed)
    eventfd_write(stopEvent, 1)
    for thread in threads { usage = usage + thread.join() }
    threads = []
    listener.close()
    for descriptor in 0..<connectionCount where unsafe connections[descriptor].isOpen {
      close(Int32(descriptor))
    }
    return counts
  }
}

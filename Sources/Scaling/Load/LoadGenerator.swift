import Glibc
import Histogram
import KernelIO
import Synchronization

/// Load at work: pinned threads that put transactions on servers for the length of a window.
@safe package final class LoadGenerator {
  package let options: LoadOptions
  private let window: Window
  private let isStopping: UnsafeMutablePointer<StopFlag>
  private var memories: [LoadThreadMemory] = []
  private var threads: [PinnedThread] = []
  private var result: (LoadCounts, LatencyBuckets)?

  package init(_ options: LoadOptions, _ window: Window) throws(BenchError) {
    try options.check()
    try AllowedCPUs.check(options.cpus, LiveKernel())
    self.options = options
    self.window = window
    let addresses = try options.addresses()
    try DescriptorLimit.raise(
      to: options.connections + options.threads * 2,
      why: "\(options.connections) connections to open")
    unsafe isStopping = .allocate(capacity: 1)
    unsafe isStopping.initialize(to: StopFlag())
    for index in 0..<options.threads {
      memories.append(
        LoadThreadMemory(
          try unsafe LoadThread(
            options, index: index, targets: addresses.targets, sources: addresses.sources,
            window: window, isStopping: isStopping)))
    }
  }

  deinit {
    stop()
    _ = finish()
    memories = []
    unsafe isStopping.deinitialize(count: 1)
    unsafe isStopping.deallocate()
  }

  /// Starts the threads; they wait for the window's start.
  package func start() throws(BenchError) {
    for (index, memory) in memories.enumerated() {
      threads.append(try PinnedThread(cpu: options.cpu(of: index)) { memory.run() })
    }
  }

  /// Ends the load before its window does.
  package func stop() {
    unsafe isStopping.pointee.isSet.store(true, ordering: .relaxed)
  }

  /// Waits for the end, and adds up.
  package func finish() -> (LoadCounts, LatencyBuckets) {
    if let result { return result }
    for thread in threads { thread.join() }
    threads = []
    var counts = LoadCounts()
    var histogram = LatencyCounts.emptyHistogram
    for memory in memories {
      counts = counts + memory.counts
      memory.add(to: &histogram)
    }
    let sum = (counts, LatencyBuckets(histogram))
    result = sum
    return sum
  }

  /// One transaction's first step from every source and on every target, so that a wrong address is
  /// told at once.
  package static func probe(_ options: LoadOptions) throws(BenchError) {
    try options.check()
    let addresses = try options.addresses()
    for source in addresses.sources { try probe(source) }
    let sources: [SocketAddress?] = addresses.sources.isEmpty ? [nil] : addresses.sources
    for target in addresses.targets {
      // One source that still has a free port will do.
      var code: Int32 = 0
      for source in sources {
        code = try connect(target, from: source, options)
        if code != EADDRNOTAVAIL { break }
      }
      guard code == 0 else { throw try refusal(code, target, sources, options) }
    }
  }

  /// connect(2)'s errno, or 0.
  private static func connect(
    _ target: SocketAddress, from source: SocketAddress?, _ options: LoadOptions,
    type: __socket_type? = nil
  ) throws(BenchError) -> Int32 {
    let type = type ?? (options.exchange.workload.isStream ? SOCK_STREAM : SOCK_DGRAM)
    let descriptor = socket(
      target.family, Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw BenchError.last("socket for \(target)") }
    defer { close(descriptor) }
    if let source {
      LoadThread.leavePortToConnect(descriptor)
      guard unsafe source.withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 else {
        return errno
      }
    }
    guard unsafe target.withSockaddr({ unsafe Glibc.connect(descriptor, $0, $1) }) != 0 else {
      return 0
    }
    guard errno == EINPROGRESS else { return errno }
    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    let patience = Int32(min(options.timeout, 5) * 1000)
    return unsafe poll(&wait, 1, patience) == 0 ? ETIMEDOUT : pendingError(descriptor)
  }

  /// Why no connection can be had, and what to try.
  private static func refusal(
    _ code: Int32, _ target: SocketAddress, _ sources: [SocketAddress?], _ options: LoadOptions
  ) throws(BenchError) -> BenchError {
    let number = Errno(rawValue: code)
    switch code {
    case EADDRNOTAVAIL:
      // A datagram's port is not held in TIME_WAIT: where even that is refused, it is the address.
      let other = try connect(target, from: sources.first ?? nil, options, type: SOCK_DGRAM)
      return other == EADDRNOTAVAIL && options.exchange.workload.isStream
        ? BenchError("no address of this host leads to \(target)", number)
        : BenchError(
          "no local port is free to connect to \(target)", number,
          hint: "raise --sources"
            + (options.exchange.close == .fin ? ", or use --close rst" : ""))
    case ENETUNREACH, EHOSTUNREACH, ENETDOWN:
      return BenchError(
        "no route to \(target)", number,
        hint: "see ip route get \(target.host); are the interfaces of this namespace up, lo too?")
    case ECONNREFUSED:
      return BenchError(
        "connect \(target)", number, hint: "is rxtune bench serve running there?")
    case EINVAL where !target.isLoopback && sources.contains { $0?.isLoopback == true }:
      return BenchError(
        "connect \(target)", number, hint: "a loopback source reaches loopback addresses only")
    default: return BenchError("connect \(target)", number)
    }
  }

  private static func probe(_ source: SocketAddress) throws(BenchError) {
    let descriptor = socket(source.family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw BenchError.last("socket for source \(source.host)") }
    defer { close(descriptor) }
    guard unsafe source.withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 else {
      throw BenchError.last(
        "source \(source.host)",
        hint: errno == EADDRNOTAVAIL ? "it is no address of this host" : nil)
    }
  }

  private static func pendingError(_ descriptor: Int32) -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(4)
    return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
  }
}

/// Owns a load thread's state: the thread runs on it through a pointer.
@safe private final class LoadThreadMemory: @unchecked Sendable {
  private let thread: UnsafeMutablePointer<LoadThread>

  init(_ thread: consuming LoadThread) {
    unsafe self.thread = .allocate(capacity: 1)
    unsafe self.thread.initialize(to: thread)
  }

  deinit {
    unsafe thread.deinitialize(count: 1)
    unsafe thread.deallocate()
  }

  func run() { unsafe thread.pointee.run() }

  /// Only after the thread has ended.
  var counts: LoadCounts { unsafe thread.pointee.counts }

  func add(to histogram: inout Histogram<UInt64>) {
    unsafe thread.pointee.latencies.add(to: &histogram)
  }
}

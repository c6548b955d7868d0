import CKernel
import Glibc
import KernelIO
import Synchronization

/// One connection of a load thread: idle, or in the middle of a transaction.
struct Slot {
  enum Phase { case idle, connecting, waiting, backingOff }

  var descriptor: Int32 = -1
  var phase = Phase.idle
  /// Of the response.
  var received: UInt32 = 0
  /// Nanoseconds; when the transaction began or, in open loop, was due.
  var began: UInt64 = 0
  /// When it was really put on the wire; what a timeout counts from.
  var issued: UInt64 = 0
  /// The request's number, which the response repeats.
  var number: UInt64 = 0
  var target: Int32 = 0
  /// Where it connects from when it is opened next.
  var source: Int32 = 0
}

/// One thread of load: many connections in one epoll, one transaction at a time on each.
///
/// Edge-triggered, so a connection is put into the epoll once in its life; and a connection that
/// ends by reset is disconnected with connect(AF_UNSPEC) and used again, which sends the same
/// RST as close(2) with SO_LINGER 0 and spares socket(2), setsockopt(2) and epoll_ctl(2).
@safe struct LoadThread: ~Copyable {
  let index: Int
  let options: LoadOptions
  let window: Window
  let isStopping: UnsafePointer<StopFlag>
  let epoll: Int32
  let events: UnsafeMutablePointer<epoll_event>
  static let eventCount: Int32 = 64
  let slots: UnsafeMutablePointer<Slot>
  let slotCount: Int
  /// Indices of idle slots, in open loop.
  let idle: UnsafeMutablePointer<Int32>
  var idleCount = 0
  /// sockaddr_storage each.
  let targets: UnsafeMutableRawPointer
  let sources: UnsafeMutableRawPointer
  let targetCount: Int
  let sourceCount: Int
  let addressLength: socklen_t
  let family: Int32
  let request: UnsafeMutableRawPointer
  let expected: UnsafeMutableRawPointer
  let buffer: UnsafeMutableRawPointer
  let requestBytes: Int
  let responseBytes: Int
  let workload: Workload
  let close: CloseMethod
  /// On loopback a connection is established before connect(2) returns; a send need not wait.
  let connectsAtOnce: Bool
  let timeout: UInt64
  var schedule: Schedule
  let isOpenLoop: Bool
  /// What is done is followed by another; until the end of the window.
  var isIssuing = true
  var nextNumber: UInt64
  var nextSweep: UInt64 = 0
  var counts = LoadCounts()
  let latencies = LatencyCounts()

  private static let sweepInterval: UInt64 = 50_000_000
  private static let backOff: UInt64 = 10_000_000
  static let addressStride = MemoryLayout<sockaddr_storage>.stride

  init(
    _ options: LoadOptions, index: Int, targets: [SocketAddress], sources: [SocketAddress],
    window: Window, isStopping: UnsafePointer<StopFlag>
  ) throws(BenchError) {
    let exchange = options.exchange
    self.index = index
    self.options = options
    self.window = window
    unsafe self.isStopping = isStopping
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw BenchError.last("epoll_create1") }
    unsafe events = .allocate(capacity: Int(Self.eventCount))
    slotCount =
      options.connections / options.threads
      + (index < options.connections % options.threads ? 1 : 0)
    unsafe slots = .allocate(capacity: slotCount)
    unsafe slots.initialize(repeating: Slot(), count: slotCount)
    unsafe idle = .allocate(capacity: slotCount)
    unsafe self.targets = Self.addresses(targets)
    unsafe self.sources = Self.addresses(sources)
    targetCount = targets.count
    sourceCount = sources.count
    addressLength = socklen_t(targets.first?.bytes.count ?? 0)
    family = targets.first?.family ?? AF_INET
    requestBytes = exchange.requestBytes
    responseBytes = exchange.responseBytes
    unsafe request = .allocate(byteCount: requestBytes, alignment: 64)
    unsafe expected = .allocate(byteCount: responseBytes, alignment: 64)
    unsafe buffer = .allocate(byteCount: responseBytes + 64, alignment: 64)
    unsafe Exchange.fill(request, requestBytes)
    unsafe Exchange.fill(expected, responseBytes)
    workload = exchange.workload
    close = exchange.close
    connectsAtOnce = targets.allSatisfy { $0.isLoopback }
    timeout = Window.nanoseconds(options.timeout)
    isOpenLoop = options.rate != nil
    schedule = Schedule(
      rate: options.rate, start: window.start, thread: index, of: options.threads)
    nextNumber = UInt64(index) << 48
    for slot in 0..<slotCount {
      // The connections of all threads, in turn.
      let place = slot * options.threads + index
      unsafe slots[slot].target = Int32(place % targetCount)
      unsafe slots[slot].source = Int32(place % max(1, sourceCount))
    }
  }

  private static func addresses(_ list: [SocketAddress]) -> UnsafeMutableRawPointer {
    let space = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, list.count) * addressStride, alignment: 16)
    for (index, address) in list.enumerated() {
      let bytes = address.bytes
      unsafe (space + index * addressStride).copyMemory(from: bytes, byteCount: bytes.count)
    }
    return unsafe space
  }

  deinit {
    for slot in 0..<slotCount where unsafe slots[slot].descriptor >= 0 {
      Glibc.close(unsafe slots[slot].descriptor)
    }
    Glibc.close(epoll)
    unsafe events.deallocate()
    unsafe slots.deallocate()
    unsafe idle.deallocate()
    unsafe targets.deallocate()
    unsafe sources.deallocate()
    unsafe request.deallocate()
    unsafe expected.deallocate()
    unsafe buffer.deallocate()
  }
}

// MARK: - The loop

extension LoadThread {
  mutating func run() {
    waitForStart()
    guard !shouldStop else { return }
    guard workload.isAnswered else { return sendOneWay() }
    var now = MonotonicClock.now()
    for slot in 0..<slotCount {
      if isOpenLoop {
        unsafe idle[idleCount] = Int32(truncatingIfNeeded: slot)
        idleCount &+= 1
      } else {
        begin(slot, due: now, now: now)
      }
    }
    nextSweep = now &+ Self.sweepInterval
    while now < window.until && !shouldStop {
      if isOpenLoop { beginDue(now) }
      let count = unsafe rxtune_epoll_wait(epoll, events, Self.eventCount, patience(now))
      if _slowPath(count < 0 && errno != EINTR) {
        counts.lastError = errno
        break
      }
      var index = 0
      while index < Int(count) {
        proceed(index)
        index &+= 1
      }
      now = MonotonicClock.now()
      if _slowPath(now >= nextSweep) { sweep(now) }
    }
    drain()
  }

  /// In steps: the start may be an hour away, and whoever stops the load waits for this thread.
  private func waitForStart() {
    while !shouldStop {
      let now = MonotonicClock.now()
      guard now < window.start else { return }
      usleep(UInt32(min(window.start &- now, Self.sweepInterval) / 1000 + 1))
    }
  }

  @inline(__always) var shouldStop: Bool {
    unsafe isStopping.pointee.isSet.load(ordering: .relaxed)
  }

  /// Nanoseconds that epoll may sleep.
  @inline(__always) private func patience(_ now: UInt64) -> Int64 {
    guard isOpenLoop && idleCount > 0 else { return Int64(Self.sweepInterval) }
    let until = min(schedule.next, nextSweep)
    return until > now ? Int64(until &- now) : 0
  }

  @inline(__always) private mutating func beginDue(_ now: UInt64) {
    while schedule.next <= now && idleCount > 0 {
      idleCount &-= 1
      begin(Int(unsafe idle[idleCount]), due: schedule.take(), now: now)
    }
  }

  /// Lets what is under way come to its end, so that both halves count the same.
  private mutating func drain() {
    isIssuing = false
    counts.overdue = schedule.overdue(at: min(window.until, MonotonicClock.now()))
    let deadline = MonotonicClock.now() &+ min(timeout, 1_000_000_000)
    while hasBusy && MonotonicClock.now() < deadline {
      let count = unsafe rxtune_epoll_wait(epoll, events, Self.eventCount, 10_000_000)
      for index in 0..<max(0, Int(count)) { proceed(index) }
    }
    for slot in 0..<slotCount where isBusy(slot) { counts.unfinished &+= 1 }
  }

  private func isBusy(_ slot: Int) -> Bool {
    let phase = unsafe slots[slot].phase
    return phase == .waiting || phase == .connecting
  }

  private var hasBusy: Bool { (0..<slotCount).contains { isBusy($0) } }

  // MARK: One transaction

  @inline(__always) private mutating func begin(_ slot: Int, due: UInt64, now: UInt64) {
    unsafe slots[slot].began = due
    unsafe slots[slot].issued = now
    unsafe slots[slot].received = 0
    unsafe slots[slot].number = nextNumber
    nextNumber &+= 1
    if unsafe slots[slot].descriptor < 0 {
      guard open(slot) else { return }
    } else if workload != .crr {
      sendRequest(slot)
      return
    }
    connect(slot)
  }

  @inline(__always) private mutating func connect(_ slot: Int) {
    let address = unsafe targets + Int(slots[slot].target) &* Self.addressStride
    let code = unsafe Glibc.connect(
      slots[slot].descriptor, address.assumingMemoryBound(to: sockaddr.self), addressLength)
    if code == 0 {
      sendRequest(slot)
      return
    }
    guard _fastPath(errno == EINPROGRESS) else {
      fail(slot, errno)
      return
    }
    unsafe slots[slot].phase = .connecting
    if connectsAtOnce { sendRequest(slot) }
  }

  @inline(__always) private mutating func sendRequest(_ slot: Int) {
    unsafe request.storeBytes(of: slots[slot].number, as: UInt64.self)
    let put = unsafe send(
      slots[slot].descriptor, request, requestBytes, Int32(MSG_NOSIGNAL))
    if _fastPath(put == requestBytes) {
      unsafe slots[slot].phase = .waiting
      return
    }
    // Still connecting: the edge to writable will come.
    if put < 0 && errno == EAGAIN {
      if connectsAtOnce { watchWritable(slot) }
      return
    }
    // The whole request fits the buffer of a connection that has sent nothing else.
    fail(slot, put < 0 ? errno : EMSGSIZE)
  }

  /// Something happened on a connection.
  @inline(__always) private mutating func proceed(_ event: Int) {
    let slot = Int(truncatingIfNeeded: unsafe events[event].data.u64)
    let phase = unsafe slots[slot].phase
    if _fastPath(phase == .waiting) {
      // Writable alone is the end of an earlier wait.
      if unsafe events[event].events != EpollLoop.writable { receive(slot) }
    } else if phase == .connecting {
      sendRequest(slot)
    }
  }

  @inline(__always) private mutating func receive(_ slot: Int) {
    let before = Int(unsafe slots[slot].received)
    let got = unsafe recv(slots[slot].descriptor, buffer, responseBytes &- before, 0)
    if _fastPath(got == responseBytes) {
      let number = unsafe buffer.load(as: UInt64.self)
      let difference = unsafe memcmp(
        buffer + Exchange.headBytes, expected + Exchange.headBytes,
        responseBytes &- Exchange.headBytes)
      let matches = difference == 0
      if _slowPath(unsafe number != slots[slot].number || !matches) {
        mismatched(slot, sameBody: matches)
        return
      }
      complete(slot)
      return
    }
    receivePart(slot, before, got)
  }

  /// A response in pieces, its end, or an error.
  @inline(never)
  private mutating func receivePart(_ slot: Int, _ before: Int, _ got: Int) {
    guard got > 0 else {
      if got < 0 && (errno == EAGAIN || errno == EINTR) { return }
      fail(slot, got < 0 ? errno : ECONNRESET)
      return
    }
    unsafe expected.storeBytes(of: slots[slot].number, as: UInt64.self)
    guard unsafe memcmp(buffer, expected + before, got) == 0 else {
      counts.corrupted &+= 1
      close(slot)
      rest(slot)
      return
    }
    unsafe slots[slot].received = UInt32(truncatingIfNeeded: before &+ got)
    if before &+ got == responseBytes {
      complete(slot)
    } else if !workload.isStream {
      counts.corrupted &+= 1
      rest(slot)
    } else {
      // Edge-triggered: what came meanwhile announces itself no more.
      receive(slot)
    }
  }

  /// A datagram's late answer to a request given up is no error; anything else is.
  @inline(never) private mutating func mismatched(_ slot: Int, sameBody: Bool) {
    if !workload.isStream && sameBody {
      receive(slot)
      return
    }
    counts.corrupted &+= 1
    close(slot)
    rest(slot)
  }

  @inline(__always) private mutating func complete(_ slot: Int) {
    let now = MonotonicClock.now()
    counts.transactions &+= 1
    if now >= window.from && now < window.until {
      counts.measured &+= 1
      let began = unsafe slots[slot].began
      if _slowPath(!latencies.record(now > began ? now &- began : 0)) { counts.unrecorded &+= 1 }
    }
    if workload == .crr { end(slot) }
    unsafe slots[slot].phase = .idle
    if isOpenLoop {
      unsafe idle[idleCount] = Int32(truncatingIfNeeded: slot)
      idleCount &+= 1
    } else if isIssuing {
      begin(slot, due: now, now: now)
    }
  }

  /// Ends a `crr` connection.
  @inline(__always) private mutating func end(_ slot: Int) {
    guard close == .rst else {
      close(slot)
      return
    }
    var unspecified = sockaddr()
    unspecified.sa_family = UInt16(AF_UNSPEC)
    if _slowPath(
      unsafe Glibc.connect(
        slots[slot].descriptor, &unspecified, socklen_t(MemoryLayout<sockaddr>.size)) != 0)
    {
      close(slot)
    }
  }
}

// MARK: - Sockets and failures

extension LoadThread {
  @inline(never) mutating func open(_ slot: Int) -> Bool {
    let kind = workload.isStream ? SOCK_STREAM : SOCK_DGRAM
    let descriptor = socket(
      family, Int32(kind.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else {
      fail(slot, errno)
      return false
    }
    unsafe slots[slot].descriptor = descriptor
    if workload.isStream {
      var on: Int32 = 1
      _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }
    guard bindSource(slot),
      EpollLoop.add(
        epoll, descriptor, Self.events(connectsAtOnce: connectsAtOnce), token: UInt64(slot)) == 0
    else {
      fail(slot, errno)
      return false
    }
    return true
  }

  @inline(never) private mutating func watchWritable(_ slot: Int) {
    var event = unsafe epoll_event(
      events: Self.events(connectsAtOnce: false), data: epoll_data(u64: UInt64(slot)))
    _ = unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, slots[slot].descriptor, &event)
  }

  private static func events(connectsAtOnce: Bool) -> UInt32 {
    EpollLoop.readable | EPOLLET.rawValue | (connectsAtOnce ? 0 : EpollLoop.writable)
  }

  /// bind(2) with port 0 takes the address alone, for one port serves many targets
  /// (IP_BIND_ADDRESS_NO_PORT, ip(7)).
  static func leavePortToConnect(_ descriptor: Int32) {
    var on: Int32 = 1
    _ = unsafe setsockopt(
      descriptor, Int32(IPPROTO_IP), Int32(RXTUNE_IP_BIND_ADDRESS_NO_PORT), &on, 4)
  }

  /// Each time it is opened, a connection comes from the next source.
  private func bindSource(_ slot: Int) -> Bool {
    guard sourceCount > 0 else { return true }
    let descriptor = unsafe slots[slot].descriptor
    Self.leavePortToConnect(descriptor)
    let source = Int(unsafe slots[slot].source)
    unsafe slots[slot].source = source &+ 1 == sourceCount ? 0 : Int32(source &+ 1)
    let address = unsafe sources + source &* Self.addressStride
    return unsafe bind(
      descriptor, address.assumingMemoryBound(to: sockaddr.self), addressLength) == 0
  }

  private mutating func close(_ slot: Int) {
    let descriptor = unsafe slots[slot].descriptor
    if descriptor >= 0 { Glibc.close(descriptor) }
    unsafe slots[slot].descriptor = -1
  }

  /// Counts a failure; the connection rests a moment, or a dead server would be asked in a spin.
  @inline(never) mutating func fail(_ slot: Int, _ code: Int32) {
    switch code {
    case EADDRNOTAVAIL: counts.portsExhausted &+= 1
    case ETIMEDOUT: counts.timedOut &+= 1
    default:
      if unsafe slots[slot].phase == .waiting {
        counts.broken &+= 1
      } else {
        counts.refused &+= 1
      }
    }
    counts.lastError = code
    close(slot)
    unsafe slots[slot].phase = .backingOff
    unsafe slots[slot].issued = MonotonicClock.now()
  }

  private mutating func rest(_ slot: Int) {
    unsafe slots[slot].phase = .backingOff
    unsafe slots[slot].issued = MonotonicClock.now()
  }

  /// Gives up what has taken too long, and wakes what has rested.
  @inline(never) private mutating func sweep(_ now: UInt64) {
    nextSweep = now &+ Self.sweepInterval
    for slot in 0..<slotCount {
      let age = unsafe now &- min(now, slots[slot].issued)
      switch unsafe slots[slot].phase {
      case .waiting, .connecting:
        guard age > timeout else { continue }
        if !workload.isStream {
          counts.timedOut &+= 1
          rest(slot)
        } else {
          fail(slot, ETIMEDOUT)
        }
      case .backingOff:
        guard age > Self.backOff else { continue }
        unsafe slots[slot].phase = .idle
        if isOpenLoop {
          unsafe idle[idleCount] = Int32(truncatingIfNeeded: slot)
          idleCount &+= 1
        } else {
          begin(slot, due: now, now: now)
        }
      case .idle: break
      }
    }
  }
}

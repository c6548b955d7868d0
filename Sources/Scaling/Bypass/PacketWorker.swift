import CKernel
import Glibc
import Synchronization

/// One thread of a packet server: what its loop needs, side by side in memory that only it writes.
@safe struct PacketWorker: ~Copyable {
  let ports: UnsafeMutablePointer<UnsafeMutablePointer<rxtune_packet_port>?>
  let portCount: Int
  let isStopping: UnsafePointer<StopFlag>
  /// Written when a port came to its end.
  let failedEvent: Int32
  let endpoint: UDPEndpoint
  let takesFrames: Bool
  let answers: Bool
  let isBusy: Bool
  /// Does `receive` itself sleep?
  let sleepsInReceive: Bool
  let requestBytes: Int
  /// Of a whole answer, headers included where it is a frame.
  let answerBytes: Int
  /// Where the payload begins in it.
  let headerBytes: Int
  /// An answer, but for what differs from one to the next.
  let template: UnsafeMutableRawPointer
  let partialSum: UInt32
  let requests: UnsafeMutablePointer<rxtune_packet>
  let replies: UnsafeMutablePointer<rxtune_packet>

  let received = Counter()
  let bursts = Counter()
  let transactions = Counter()
  let damaged = Counter()
  let foreign = Counter()
  /// Requests for whose answers there was no memory.
  let unanswered = Counter()
  let wakeUps = Counter()
  /// The errno that a port came to its end with.
  let failure = Atomic<Int32>(0)

  static let burst: UInt32 = 64

  init(
    _ options: PacketServerOptions, _ endpoint: UDPEndpoint,
    _ ports: [PacketPort], _ isStopping: UnsafePointer<StopFlag>,
    failedEvent: Int32
  ) {
    unsafe self.ports = .allocate(capacity: ports.count)
    for (index, port) in ports.enumerated() {
      unsafe (self.ports + index).initialize(to: port.pointer)
    }
    portCount = ports.count
    unsafe self.isStopping = isStopping
    self.failedEvent = failedEvent
    self.endpoint = endpoint
    takesFrames = options.backend.takesFrames
    answers = options.exchange.workload.isAnswered
    isBusy = options.wait == .busy
    sleepsInReceive = !takesFrames && !isBusy && portCount == 1
    requestBytes = options.exchange.requestBytes
    let head =
      takesFrames
      ? UDPFrame.template(endpoint, payload: options.exchange.responseBytes) : []
    headerBytes = head.count
    answerBytes = head.count + options.exchange.responseBytes
    unsafe template = .allocate(byteCount: answerBytes, alignment: 64)
    unsafe template.copyMemory(from: head, byteCount: head.count)
    unsafe Exchange.fill(template + head.count, options.exchange.responseBytes)
    partialSum = takesFrames ? UDPFrame.partialSum(head) : 0
    unsafe requests = .allocate(capacity: Int(Self.burst))
    unsafe requests.initialize(repeating: rxtune_packet(), count: Int(Self.burst))
    unsafe replies = .allocate(capacity: Int(Self.burst))
    unsafe replies.initialize(repeating: rxtune_packet(), count: Int(Self.burst))
  }

  deinit {
    unsafe ports.deallocate()
    unsafe template.deallocate()
    unsafe requests.deallocate()
    unsafe replies.deallocate()
  }

  @inline(__always) var shouldStop: Bool {
    unsafe isStopping.pointee.isSet.load(ordering: .relaxed)
  }

  var counts: PacketCounts {
    var counts = PacketCounts()
    counts.received = received.current
    counts.bursts = bursts.current
    counts.transactions = transactions.current
    counts.damaged = damaged.current
    counts.foreign = foreign.current
    counts.unsent = unanswered.current
    counts.wakeUps = wakeUps.current
    for index in 0..<portCount {
      guard let port = unsafe ports[index] else { continue }
      counts.unsent &+= unsafe rxtune_packets_unsent(port)
      counts.dropped &+= unsafe rxtune_packets_dropped(port)
      counts.systemCalls &+= unsafe rxtune_packet_calls(port)
    }
    return counts
  }
}

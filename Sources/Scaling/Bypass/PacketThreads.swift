import CKernel
import Glibc
import KernelIO
import Synchronization

/// Pinned threads of this process that serve datagrams, and the ports that bring these.
@safe final class PacketThreads: PacketCrew {
  let attachment: XDPAttachment?
  let failedEvent: Int32
  let isApart = false
  private(set) var usage = ProcessUsage()

  private let options: PacketServerOptions
  private let device: String
  private var ports: PacketPorts?
  private let isStopping: UnsafeMutablePointer<StopFlag>
  private var workers: [WorkerMemory<PacketWorker>] = []
  private var threads: [PinnedThread] = []
  private var lastCounts: [PacketCounts]?

  init(_ opening: PacketOpening, _ ports: PacketPorts) {
    options = opening.options
    device = opening.device.name
    attachment = ports.attachment
    self.ports = ports
    unsafe isStopping = .allocate(capacity: 1)
    unsafe isStopping.initialize(to: StopFlag())
    failedEvent = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    for thread in 0..<options.threads {
      workers.append(
        unsafe WorkerMemory(
          PacketWorker(
            options, opening.endpoint, ports.ports(of: thread), UnsafePointer(isStopping),
            failedEvent: failedEvent)))
    }
  }

  deinit {
    stop()
    workers = []
    unsafe isStopping.deinitialize(count: 1)
    unsafe isStopping.deallocate()
    if failedEvent >= 0 { close(failedEvent) }
  }

  func start() throws(BenchError) {
    for (index, memory) in workers.enumerated() {
      threads.append(
        try PinnedThread(cpu: options.cpu(of: index)) { memory.access(PacketLoop.run) })
    }
  }

  var counts: [PacketCounts] { lastCounts ?? workers.map { $0.access { $0.counts } } }

  var failure: BenchError? {
    for memory in workers {
      let code = memory.access { $0.failure.load(ordering: .relaxed) }
      if code != 0 { return .gone(device, code) }
    }
    return nil
  }

  func stop() {
    guard lastCounts == nil else { return }
    unsafe isStopping.pointee.isSet.store(true, ordering: .relaxed)
    for thread in threads { usage = usage + thread.join() }
    threads = []
    lastCounts = counts
    attachment?.detach()
    ports = nil
  }
}

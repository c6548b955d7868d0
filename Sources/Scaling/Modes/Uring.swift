import CKernel
import Glibc
import KernelIO

/// `uring`: a SO_REUSEPORT socket and an io_uring for each worker: one multishot accept, then
/// receive, send and close as entries of the ring, many to a system call (Linux 6.1).
extension ListenerMode {
  static let uring = ListenerMode(
    "uring", "a SO_REUSEPORT socket a worker, multishot accept through io_uring",
    sockets: .perWorker(), crr: ringing, rr: ringing)

  private static let ringing = Service(answersFreely: false) { crew throws(BenchError) in
    let memory = UringMemory(crew.exchange, count: crew.connectionLimit)
    var threads: [WorkerThread] = []
    for worker in crew.workers.indices {
      let ring = try UringRing()
      threads.append(
        WorkerThread(worker: worker) { Uring.run($0, ring, memory.buffers) })
    }
    return threads
  }
}

enum Uring {
  private enum Operation: UInt64 {
    case accept
    case receive
    case send
    case close
    case stop
  }

  /// The ring becomes the calling thread's.
  static func run(_ worker: borrowing Worker, _ ring: UringRing, _ buffers: UringBuffers) {
    // Of a ring just made, not yet enabled, nothing stands against it.
    guard unsafe rxtune_uring_enable(ring.pointer) == 0 else { return }
    let loop = unsafe Loop(ring: ring.pointer, buffers: buffers)
    loop.run(worker)
  }

  /// The ring and what its entries point into.
  @safe private struct Loop {
    let ring: UnsafeMutablePointer<rxtune_uring>
    let buffers: UringBuffers

    func run(_ worker: borrowing Worker) {
      accept(worker)
      watchStop(worker)
      while true {
        let submitted = unsafe rxtune_uring_submit(ring, 1)
        if _slowPath(submitted < 0 && submitted != -EINTR && submitted != -EBUSY) { return }
        worker.wakeUps.add()
        while let completion = unsafe rxtune_uring_peek(ring) {
          let data = unsafe completion.pointee.user_data
          let result = unsafe completion.pointee.res
          let flags = unsafe completion.pointee.flags
          unsafe rxtune_uring_take(ring)
          let descriptor = Int32(truncatingIfNeeded: data & 0xffff_ffff)
          switch Operation(rawValue: data >> 32) {
          case .accept: accepted(worker, result, flags)
          case .receive: received(worker, descriptor, result)
          case .send: sent(worker, descriptor, result)
          case .close: closeFailed(descriptor)
          case .stop, nil: return
          }
        }
      }
    }

    /// An entry, with `count` free ones in a row: a chain must not be cut by a submission.
    @inline(__always)
    private func entry(_ operation: Operation, _ descriptor: Int32, ofChain count: UInt32 = 1)
      -> UnsafeMutablePointer<io_uring_sqe>?
    {
      let filled = unsafe ring.pointee.filled
      if _slowPath(unsafe filled &- ring.pointee.sq_head.pointee &+ count > ring.pointee.sq_size) {
        _ = unsafe rxtune_uring_submit(ring, 0)
      }
      guard let entry = unsafe rxtune_uring_entry(ring) else { return nil }
      unsafe entry.pointee.fd = descriptor
      unsafe entry.pointee.user_data =
        operation.rawValue << 32 | UInt64(UInt32(bitPattern: descriptor))
      return unsafe entry
    }

    private func accept(_ worker: borrowing Worker) {
      guard let entry = unsafe entry(.accept, worker.listener) else { return }
      unsafe entry.pointee.opcode = UInt8(IORING_OP_ACCEPT.rawValue)
      unsafe entry.pointee.ioprio = UInt16(IORING_ACCEPT_MULTISHOT)
      unsafe entry.pointee.accept_flags = SOCK_CLOEXEC.rawValue
    }

    private func watchStop(_ worker: borrowing Worker) {
      guard let entry = unsafe entry(.stop, worker.stopEvent) else { return }
      unsafe entry.pointee.opcode = UInt8(IORING_OP_POLL_ADD.rawValue)
      unsafe entry.pointee.poll32_events = UInt32(POLLIN)
    }

    @inline(__always)
    private func accepted(_ worker: borrowing Worker, _ descriptor: Int32, _ flags: UInt32) {
      if _fastPath(descriptor >= 0) {
        if worker.admit(descriptor) { receive(worker, descriptor, have: 0) }
      } else {
        worker.acceptFailed(-descriptor)
      }
      if _slowPath(flags & UInt32(IORING_CQE_F_MORE) == 0) { accept(worker) }
    }

    @inline(__always)
    private func receive(_ worker: borrowing Worker, _ descriptor: Int32, have: Int) {
      guard let entry = unsafe entry(.receive, descriptor) else { return }
      unsafe entry.pointee.opcode = UInt8(IORING_OP_RECV.rawValue)
      unsafe entry.pointee.addr = UInt64(
        UInt(bitPattern: buffers.request(descriptor) + have))
      unsafe entry.pointee.len = UInt32(truncatingIfNeeded: worker.requestBytes - have)
    }

    @inline(__always)
    private func received(_ worker: borrowing Worker, _ descriptor: Int32, _ result: Int32) {
      let connection = unsafe worker.connections + Int(descriptor)
      guard _fastPath(result > 0) else {
        if unsafe connection.pointee.received > 0 || (result < 0 && worker.serverCloses) {
          worker.broken.add()
        }
        worker.drop(descriptor)
        return
      }
      let total = unsafe Int(connection.pointee.received) + Int(result)
      if _slowPath(total < worker.requestBytes) {
        unsafe connection.pointee.received = UInt32(clamping: total)
        receive(worker, descriptor, have: total)
        return
      }
      unsafe connection.pointee.received = 0
      answer(worker, descriptor)
    }

    @inline(__always)
    private func answer(_ worker: borrowing Worker, _ descriptor: Int32) {
      let response = unsafe buffers.response(descriptor)
      unsafe response.storeBytes(
        of: buffers.request(descriptor).load(as: UInt64.self), as: UInt64.self)
      guard let send = unsafe entry(.send, descriptor, ofChain: 2) else { return }
      unsafe send.pointee.opcode = UInt8(IORING_OP_SEND.rawValue)
      unsafe send.pointee.addr = UInt64(UInt(bitPattern: response))
      unsafe send.pointee.len = UInt32(truncatingIfNeeded: worker.responseBytes)
      // MSG_WAITALL: the kernel sends on where the buffer was full.
      unsafe send.pointee.msg_flags = UInt32(MSG_NOSIGNAL | MSG_WAITALL)
      guard worker.serverCloses else { return }
      unsafe send.pointee.flags = UInt8(RXTUNE_IOSQE_IO_LINK)
      // Before the kernel can reuse the number.
      unsafe worker.connections[Int(descriptor)].isOpen = false
      guard let close = unsafe entry(.close, descriptor) else { return }
      unsafe close.pointee.opcode = UInt8(IORING_OP_CLOSE.rawValue)
      unsafe close.pointee.flags = UInt8(RXTUNE_IOSQE_CQE_SKIP_SUCCESS)
    }

    @inline(__always)
    private func sent(_ worker: borrowing Worker, _ descriptor: Int32, _ result: Int32) {
      if _fastPath(result == worker.responseBytes) {
        worker.transactions.add()
        if !worker.serverCloses {
          worker.sampleLocalityInTurn(descriptor)
          receive(worker, descriptor, have: 0)
        }
        return
      }
      worker.broken.add()
      // The linked close is cancelled, and told of as a completion of its own.
      if !worker.serverCloses { worker.drop(descriptor) }
    }

    /// A close behind a send that failed is cancelled.
    private func closeFailed(_ descriptor: Int32) { Glibc.close(descriptor) }
  }
}

/// Owns the ring of one worker. It is opened before any worker runs, so that a refusal is told
/// (kernel.io_uring_disabled, a kernel before 6.1, no descriptor left).
@safe final class UringRing: @unchecked Sendable {
  private static let entries: UInt32 = 1024

  let pointer: UnsafeMutablePointer<rxtune_uring>

  init() throws(BenchError) {
    let ring = UnsafeMutablePointer<rxtune_uring>.allocate(capacity: 1)
    let code = unsafe rxtune_uring_open(ring, Self.entries)
    guard code == 0 else {
      unsafe ring.deallocate()
      let hint: String? =
        switch code {
        case EPERM: "kernel.io_uring_disabled forbids it"
        case EINVAL, ENOSYS: "the kernel needs to be 6.1 or later"
        default: nil
        }
      throw BenchError("uring: io_uring_setup", Errno(rawValue: code), hint: hint)
    }
    unsafe pointer = ring
  }

  deinit {
    unsafe rxtune_uring_close(pointer)
    unsafe pointer.deallocate()
  }
}

/// Owns the buffers of a server's rings, for as long as one of its threads is there.
final class UringMemory: Sendable {
  let buffers: UringBuffers

  init(_ exchange: Exchange, count: Int) { buffers = UringBuffers(exchange, count: count) }

  deinit { buffers.deallocate() }
}

/// A request's and a response's bytes for each descriptor: the kernel fills and reads them while
/// the loop does other things.
@safe struct UringBuffers: @unchecked Sendable {
  private let requests: UnsafeMutableRawPointer
  private let responses: UnsafeMutableRawPointer
  private let requestBytes: Int
  private let responseBytes: Int

  init(_ exchange: Exchange, count: Int) {
    // Cache lines of their own, and an aligned head.
    requestBytes = (exchange.requestBytes + 63) & ~63
    responseBytes = (exchange.responseBytes + 63) & ~63
    unsafe requests = .allocate(byteCount: count * requestBytes, alignment: 64)
    unsafe responses = .allocate(byteCount: count * responseBytes, alignment: 64)
    for index in 0..<count {
      unsafe Exchange.fill(responses + index * responseBytes, exchange.responseBytes)
    }
  }

  @inline(__always) func request(_ descriptor: Int32) -> UnsafeMutableRawPointer {
    unsafe requests + Int(descriptor) &* requestBytes
  }

  @inline(__always) func response(_ descriptor: Int32) -> UnsafeMutableRawPointer {
    unsafe responses + Int(descriptor) &* responseBytes
  }

  func deallocate() {
    unsafe requests.deallocate()
    unsafe responses.deallocate()
  }
}

import CKernel
import Glibc

/// Owns a worker and its buffers, each in cache lines of its own.
@safe final class WorkerMemory: @unchecked Sendable {
  let worker: UnsafeMutablePointer<Worker>

  init(_ worker: consuming Worker) {
    // 128: the adjacent-line prefetcher pairs cache lines.
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<Worker>.stride + 128, alignment: 128)
    unsafe self.worker = raw.bindMemory(to: Worker.self, capacity: 1)
    unsafe self.worker.initialize(to: worker)
  }

  deinit {
    access { worker in
      if worker.epoll >= 0 { close(worker.epoll) }
      unsafe worker.events.deallocate()
      unsafe worker.request.deallocate()
      unsafe worker.response.deallocate()
    }
    unsafe worker.deinitialize(count: 1)
    unsafe UnsafeMutableRawPointer(worker).deallocate()
  }

  func access<Result>(_ body: (borrowing Worker) -> Result) -> Result {
    unsafe body(worker.pointee)
  }

  func access<Result>(_ body: (borrowing Worker) throws(BenchError) -> Result) throws(BenchError)
    -> Result
  {
    try unsafe body(worker.pointee)
  }
}

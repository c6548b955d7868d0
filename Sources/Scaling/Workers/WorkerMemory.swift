/// Owns a thread's worker, in cache lines of its own.
@safe final class WorkerMemory<Worker: ~Copyable>: @unchecked Sendable {
  let worker: UnsafeMutablePointer<Worker>

  init(_ worker: consuming Worker) {
    // 128: the adjacent-line prefetcher pairs cache lines.
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<Worker>.stride + 128, alignment: 128)
    unsafe self.worker = raw.bindMemory(to: Worker.self, capacity: 1)
    unsafe self.worker.initialize(to: worker)
  }

  deinit {
    unsafe worker.deinitialize(count: 1)
    unsafe UnsafeMutableRawPointer(worker).deallocate()
  }

  func access<Result, Failure: Error>(
    _ body: (borrowing Worker) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(worker.pointee)
  }
}

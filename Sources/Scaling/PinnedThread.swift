import CKernel
import Glibc
import KernelIO

/// A POSIX thread, on one CPU where one is named.
///
/// Swift's concurrency would move work between threads; here which CPU runs what is measured.
@safe struct PinnedThread {
  private let handle: pthread_t
  private let body: Body

  private final class Body {
    let cpu: Int?
    let run: @Sendable () -> Void
    /// Written by the thread as its last act.
    var usage = ProcessUsage()
    init(_ cpu: Int?, _ run: @escaping @Sendable () -> Void) {
      self.cpu = cpu
      self.run = run
    }
  }

  init(cpu: Int?, _ run: @escaping @Sendable () -> Void) throws(BenchError) {
    body = Body(cpu, run)
    let passed = unsafe Unmanaged.passRetained(body)
    var handle = pthread_t()
    let code = unsafe pthread_create(
      &handle, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        if let cpu = body.cpu { rxtune_pin_thread(Int32(clamping: cpu)) }
        body.run()
        body.usage = .ofThread()
        return nil
      }, passed.toOpaque())
    guard code == 0 else {
      unsafe passed.release()
      throw BenchError("start a thread", Errno(rawValue: code))
    }
    self.handle = handle
  }

  /// Waits for its end; what it used in all its life.
  @discardableResult func join() -> ProcessUsage {
    pthread_join(handle, nil)
    return body.usage
  }
}

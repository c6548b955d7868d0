import CKernel
import Glibc
import KernelIO

/// A POSIX thread, on one CPU where one is named.
///
/// Swift's concurrency would move work between threads; here which CPU runs what is measured.
@safe struct PinnedThread {
  private let handle: pthread_t

  private final class Body {
    let cpu: Int?
    let run: @Sendable () -> Void
    init(_ cpu: Int?, _ run: @escaping @Sendable () -> Void) {
      self.cpu = cpu
      self.run = run
    }
  }

  init(cpu: Int?, _ run: @escaping @Sendable () -> Void) throws(BenchError) {
    let body = unsafe Unmanaged.passRetained(Body(cpu, run))
    var handle = pthread_t()
    let code = unsafe pthread_create(
      &handle, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        if let cpu = body.cpu { rxtune_pin_thread(Int32(clamping: cpu)) }
        body.run()
        return nil
      }, body.toOpaque())
    guard code == 0 else {
      unsafe body.release()
      throw BenchError("start a thread", Errno(rawValue: code))
    }
    self.handle = handle
  }

  func join() { pthread_join(handle, nil) }
}

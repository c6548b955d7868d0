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
    let run: @Sendable () -> Void
    /// Written by the thread as its last act.
    var usage = ProcessUsage()
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  init(cpu: Int?, _ run: @escaping @Sendable () -> Void) throws(BenchError) {
    body = Body(run)
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    if let cpu {
      let code = unsafe rxtune_pin_attributes(&attributes, Int32(clamping: cpu))
      guard code == 0 else { throw BenchError("pin a thread to CPU \(cpu)", Errno(rawValue: code)) }
    }
    let passed = unsafe Unmanaged.passRetained(body)
    var handle = pthread_t()
    let code = unsafe pthread_create(
      &handle, &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        body.run()
        body.usage = .ofThread()
        return nil
      }, passed.toOpaque())
    guard code == 0 else {
      unsafe passed.release()
      throw BenchError(
        "start a thread" + (cpu.map { " on CPU \($0)" } ?? ""), Errno(rawValue: code))
    }
    self.handle = handle
  }

  /// Waits for its end; what it used in all its life.
  @discardableResult func join() -> ProcessUsage {
    pthread_join(handle, nil)
    return body.usage
  }
}

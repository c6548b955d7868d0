import CKernel
import Glibc

/// Samples what some CPUs do, of all processes, on the CPUs' own clock (perf_event_open(2)).
@safe package final class PerfSampler {
  @safe private struct Event {
    var descriptor: Int32
    var ring: rxtune_perf_ring
  }

  private var events: [Event] = []

  /// Of each CPU: at 2,000 samples a second of 60 calls each, half a second.
  private static let ringSize = 1 << 19

  /// Nothing is sampled yet.
  ///
  /// - Parameter frequency: samples a second. A prime keeps step with no timer.
  package init(cpus: [Int], frequency: UInt64) throws(KernelError) {
    for cpu in cpus {
      let descriptor = rxtune_perf_sample(Int32(clamping: cpu), frequency)
      guard descriptor >= 0 else { throw Self.error("open", cpu, -descriptor) }
      var ring = unsafe rxtune_perf_ring()
      let code = unsafe rxtune_perf_open_ring(descriptor, Self.ringSize, &ring)
      guard code == 0 else {
        close(descriptor)
        throw Self.error("map", cpu, code)
      }
      unsafe events.append(Event(descriptor: descriptor, ring: ring))
    }
  }

  deinit {
    for index in events.indices {
      unsafe rxtune_perf_close_ring(&events[index].ring)
      close(events[index].descriptor)
    }
  }

  private static func error(_ operation: String, _ cpu: Int, _ code: Int32) -> KernelError {
    KernelError(operation, "perf event cpu-clock of CPU \(cpu)", Errno(rawValue: code))
  }

  package func start() throws(KernelError) { try enable(true) }

  package func stop() throws(KernelError) { try enable(false) }

  private func enable(_ isOn: Bool) throws(KernelError) {
    for event in events {
      let code = rxtune_perf_enable(event.descriptor, isOn ? 1 : 0)
      guard code == 0 else {
        throw KernelError(
          isOn ? "enable" : "disable", "perf event cpu-clock", Errno(rawValue: code))
      }
    }
  }

  /// Hands over what came since the last call, CPU by CPU.
  ///
  /// - Returns: false where the kernel's records made no sense; the rest of that CPU's are left out.
  package func drain(_ body: (PerfRecord) -> Void) -> Bool {
    var isWhole = true
    for event in events {
      let ring = unsafe event.ring
      let tail = unsafe ring.tail.pointee
      let head = unsafe rxtune_perf_head([ring])
      let (size, length) = unsafe (UInt64(ring.size), head &- tail)
      guard length <= size else { return false }
      let words = unsafe [UInt64](unsafeUninitializedCapacity: Int(length / 8)) { space, count in
        count = Int(length / 8)
        for index in 0..<count {
          let place = Int((tail &+ UInt64(8 * index)) & (size - 1)) / 8
          unsafe space.initializeElement(at: index, to: ring.data[place])
        }
      }
      unsafe rxtune_perf_release([ring], head)
      if !PerfRecord.forEach(in: words[...], body) { isWhole = false }
    }
    return isWhole
  }
}

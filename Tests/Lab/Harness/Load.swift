import Foundation
import Synchronization

/// Packets of some flows, one after the other, from the far side of a NIC until it is stopped.
final class Load: Sendable {
  private let isStopped = Mutex(false)

  /// - Parameters:
  ///   - burst: packets that are sent at once.
  ///   - pause: between two bursts; nil sends as fast as it can.
  init(_ flows: [Flow], on tap: Tap, burst: Int = 40, pause: Duration? = .milliseconds(10)) {
    let frames = flows.map { Data($0.frame(to: tap.mac)) }
    Thread.detachNewThread { [self] in
      var next = 0
      while !isStopped.withLock({ $0 }) {
        for _ in 0..<burst {
          tap.send(frames[next])
          next = (next + 1) % frames.count
        }
        if let pause { Thread.sleep(forTimeInterval: pause / .seconds(1)) }
      }
    }
  }

  func stop() { isStopped.withLock { $0 = true } }
}

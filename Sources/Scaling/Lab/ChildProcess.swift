import Glibc
import KernelIO

/// A half of a measurement as its parent sees it; killed when it goes out of scope.
package final class ChildProcess {
  private let process: SpawnedProcess
  private let channel: ControlChannel
  private let name: String

  package init(_ executable: String, _ arguments: [String], name: String) throws(BenchError) {
    process = try SpawnedProcess(executable, arguments)
    channel = ControlChannel(input: process.output, output: process.input)
    self.name = name
  }

  func send(_ message: ControlMessage) throws(BenchError) {
    do { try channel.send(message) } catch {
      throw error.errno?.rawValue == EPIPE ? ended() : error
    }
  }

  private func ended() -> BenchError {
    process.wait()
    return BenchError("the \(name) ended unexpectedly (\(process.ending))")
  }

  /// The next answer; `Interrupted` where a signal came first.
  func receive(within seconds: Double, _ interruption: Interruption) throws(BenchError)
    -> ControlMessage
  {
    let deadline = MonotonicClock.now() &+ Window.nanoseconds(seconds)
    if interruption.sleep(until: deadline, or: process.output),
      !Interruption.isReadable(process.output)
    {
      throw BenchError("the \(name) gave no answer within \(Int(seconds)) s")
    }
    if interruption.hasCome { throw .interrupted }
    guard let message = try channel.receive() else { throw ended() }
    switch message {
    case .failed(let reason): throw BenchError(reason)
    case .refused(let reason): throw BenchError(reason, isFinal: true)
    default: return message
    }
  }

  /// False where an answer of its, or a signal, comes first.
  func sleep(until moment: UInt64, _ interruption: Interruption) -> Bool {
    interruption.sleep(until: moment, or: process.output)
  }
}

extension BenchError {
  /// A signal asked for the end.
  package static let interrupted = BenchError("interrupted")
}

import CNamespace
import Glibc

/// A network namespace that lives as long as one test, for tests that change devices.
package enum PrivateNetwork {
  package static var isPossible: Bool { geteuid() == 0 }

  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  /// Runs `body` on a thread of its own inside a new namespace, and waits for it.
  ///
  /// Namespaces belong to threads, and tests hop threads: hence no `async` in here.
  package static func run<Value>(_ body: @escaping () throws -> Value) throws -> Value {
    let work = Work { () throws -> Any in
      let code = rxtune_enter_private_network()
      guard code == 0 else { throw Failure(description: "no namespace: errno \(code)") }
      return try body()
    }
    var thread = pthread_t()
    let code = unsafe pthread_create(
      &thread, nil,
      { context in
        let work = unsafe context.map { unsafe Unmanaged<Work>.fromOpaque($0).takeRetainedValue() }
        work?.run()
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
    guard code == 0 else { throw Failure(description: "no thread: errno \(code)") }
    pthread_join(thread, nil)
    guard let value = try work.result?.get() as? Value else {
      throw Failure(description: "the thread left no result")
    }
    return value
  }

  /// What a shell command prints, run from the calling thread and so in its namespace.
  @discardableResult
  package static func shell(_ command: String) throws -> String {
    guard let pipe = unsafe popen("exec 2>&1; " + command, "r") else {
      throw Failure(description: "no shell: errno \(errno)")
    }
    var output: [UInt8] = []
    while true {
      let byte = unsafe getc(pipe)
      if byte == EOF { break }
      output.append(UInt8(truncatingIfNeeded: byte))
    }
    let status = unsafe pclose(pipe)
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw Failure(description: "\(command): \(text)") }
    return text
  }
}

private final class Work {
  private let body: () throws -> Any
  private(set) var result: Result<Any, any Error>?

  init(_ body: @escaping () throws -> Any) { self.body = body }

  func run() { result = Result { try body() } }
}

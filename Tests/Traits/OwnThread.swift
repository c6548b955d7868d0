import Glibc
package import Testing

/// Runs tests on threads of their own, some at a time: they wait for processes, packets or the clock,
/// and would keep the few threads that all tests share from those that have something to do.
package struct OwnThread: SuiteTrait, TestTrait, TestScoping {
  private static let executor = ThreadExecutor()
  private static let places = Places()

  let isFirst: Bool

  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @Sendable () async throws -> Void
  ) async throws {
    await Self.places.enter(isFirst: isFirst)
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(
        try await withTaskExecutorPreference(Self.executor) { try await function() })
    } catch {
      outcome = .failure(error)
    }
    await Self.places.leave()
    try outcome.get()
  }
}

extension Trait where Self == OwnThread {
  /// Of tests that wait more than they work.
  package static var ownThread: Self { OwnThread(isFirst: false) }

  /// The same, before others: of a long row of tests that run one after the other, which would be
  /// waited for in the end.
  package static var ownThreadFirst: Self { OwnThread(isFirst: true) }
}

/// Whose turn it is.
private actor Places {
  /// They wait most of the time, and some measure how long others do: no crowd on two cores.
  private var free = 4
  private var first: [CheckedContinuation<Void, Never>] = []
  private var others: [CheckedContinuation<Void, Never>] = []

  func enter(isFirst: Bool) async {
    if free > 0 {
      free -= 1
      return
    }
    await withCheckedContinuation {
      if isFirst { first.append($0) } else { others.append($0) }
    }
  }

  func leave() {
    if !first.isEmpty {
      first.removeFirst().resume()
    } else if !others.isEmpty {
      others.removeFirst().resume()
    } else {
      free += 1
    }
  }
}

/// A thread for each piece of work.
private final class ThreadExecutor: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let work = unsafe Unmanaged.passRetained(Work(job: UnownedJob(job), executor: self))
    var thread = pthread_t()
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        unsafe work.job.runSynchronously(on: work.executor.asUnownedTaskExecutor())
        return nil
      }, unsafe work.toOpaque())
    guard code == 0 else { fatalError("pthread_create: errno \(code)") }
    pthread_detach(thread)
  }

  private final class Work {
    let job: UnownedJob
    let executor: ThreadExecutor

    init(job: UnownedJob, executor: ThreadExecutor) {
      self.job = job
      self.executor = executor
    }
  }
}

import Glibc
import KernelIO
import TestSupport
import Testing

@testable import Scaling

/// Sweeps whose halves fail when they are told to.
@Suite("Sweeps", .serialized, .enabled(if: Tool.path != nil, "rxtune is not built beside"))
struct SweepTests {
  /// Runs a plan of one mode; the load generators of those numbers end as soon as they start.
  private func sweep(_ rounds: Int, failing: [Int]) throws -> (
    rounds: [Int], warnings: [Warning]
  ) {
    let directory = "/tmp/rxtune-sweep-test-\(getpid())-\(MonotonicClock.now())"
    try Shell.run("mkdir \(directory)")
    defer { _ = try? Shell.run("rm -r \(directory)") }
    let program = directory + "/program"
    let script = """
      #!/bin/sh
      if [ $2 = load ]; then
        echo >> \(directory)/loads
        case " \(failing.map(String.init).joined(separator: " ")) " in
          *" $(wc -l < \(directory)/loads) "*) exit 3 ;;
        esac
      fi
      exec \(Tool.path ?? "") "$@"
      """
    try LocalFile.write(program, Array((script + "\n").utf8))
    try Shell.run("chmod +x \(program)")
    let plan = SweepPlan(
      modes: [.reuseport], workerCounts: [1], exchange: Exchange(.rr), connections: 4,
      duration: 0.1, warmUp: 0, repeats: rounds, maximumRepeats: rounds, precision: 0,
      serverCPUs: [0], clientCPUs: [0], network: .loopback)
    var made: [Int] = []
    var warnings: [Warning] = []
    let sweep = try Sweep(
      plan, executable: program, interruption: try Interruption(), kernel: LiveKernel(),
      progress: { _, _ in },
      report: { line in
        switch line {
        case .run(let run): made.append(run.round)
        case .warning(let warning): warnings.append(warning)
        default: break
        }
      })
    #expect(try sweep.run() == .complete)
    return (made, warnings.filter { $0.code != .notSettled })
  }

  @Test func failuresByChanceLeaveAModeIn() throws {
    let (rounds, warnings) = try sweep(6, failing: [1, 3, 5])
    #expect(rounds == [2, 4, 6])
    #expect(warnings.map(\.code) == [.runFailed, .runFailed, .runFailed])
  }

  @Test func whatFailsTwiceInARowIsLeftOutFromThenOn() throws {
    let (rounds, warnings) = try sweep(6, failing: [2, 4, 5])
    #expect(rounds == [1, 3])
    #expect(warnings.map(\.code) == [.runFailed, .runFailed, .runFailed])
    #expect(warnings.last?.detail.hasSuffix("twice in a row: no more runs are made") == true)
  }

  @Test func onlyAModeWithoutRunsIsCalledUnavailable() throws {
    let (rounds, warnings) = try sweep(6, failing: [1, 2])
    #expect(rounds == [])
    #expect(warnings.map(\.code) == [.runFailed, .modeUnavailable])
  }
}

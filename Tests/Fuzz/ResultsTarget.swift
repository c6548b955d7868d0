import Rendering
import Scaling

extension FuzzTarget {
  /// Results of benchmarks, to the page that a report makes of them; written again they are the
  /// same.
  static let results = FuzzTarget(name: "results", seeds: { resultsSeeds() }) { bytes in
    let results: Results
    do { results = try ResultsFile.decode(bytes, from: "fuzz") } catch { return }
    guard let session = results.session else { return }
    _ = BenchPage.html(results)
    var lines: [ResultsFile.Line] = [.session(session)]
    lines += results.runs.map { .run($0) } + results.locks.map { .locks($0) }
    lines += results.stages.map { .stages($0) } + results.breakdowns.map { .breakdown($0) }
    var written: [UInt8] = []
    for line in lines {
      guard let line = try? ResultsFile.encode(line) else {
        preconditionFailure("what was read cannot be written")
      }
      written += line
    }
    guard let again = try? ResultsFile.decode(written, from: "fuzz") else {
      preconditionFailure("what was written cannot be read")
    }
    precondition(
      again.session == results.session && again.runs == results.runs
        && again.locks == results.locks && again.stages == results.stages, "other results came back"
    )
  }

  /// A published sweep, cut to its session and a few runs.
  private static func resultsSeeds() -> [[UInt8]] {
    let name = "Tests/Measured/2-core-vm/crr.jsonl"
    guard let results = try? ResultsFile.read(name), let session = results.session,
      let head = try? ResultsFile.encode(.session(session))
    else { return [Array("{}\n".utf8)] }
    let runs = results.runs.prefix(6).compactMap { try? ResultsFile.encode(.run($0)) }
    var seeds = [head]
    for run in runs { seeds.append(head + run) }
    seeds.append(head + runs.flatMap(\.self))
    return seeds
  }
}

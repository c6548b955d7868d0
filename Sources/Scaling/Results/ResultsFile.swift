import Glibc
import KernelIO
import Notation

/// Results as JSON Lines: a session, then each run as it ends.
package enum ResultsFile {
  package static let name = "results.jsonl"

  /// `{"session": …}`, `{"run": …}`, `{"locks": …}`, `{"stages": …}`, `{"counts": …}`,
  /// `{"breakdown": …}`, `{"floors": …}` or `{"warning": …}`; `{"search": …}` and `{"trial": …}`
  package enum Line: Codable, Sendable {
    case session(Session)
    case run(RunRecord)
    case locks(LockRecord)
    case stages(StageRecord)
    case counts(CountRecord)
    case breakdown(Breakdown)
    case floors([Floor])
    case warning(Warning)
    case search(SearchSession)
    case trial(TrialRecord)

    private enum Kind: String, CodingKey, CaseIterable {
      case session, run, locks, stages, counts, breakdown, floors, warning, search, trial
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Kind.self)
      switch container.allKeys.first {
      case .session: self = .session(try container.decode(Session.self, forKey: .session))
      case .run: self = .run(try container.decode(RunRecord.self, forKey: .run))
      case .locks: self = .locks(try container.decode(LockRecord.self, forKey: .locks))
      case .counts: self = .counts(try container.decode(CountRecord.self, forKey: .counts))
      case .stages: self = .stages(try container.decode(StageRecord.self, forKey: .stages))
      case .breakdown:
        self = .breakdown(try container.decode(Breakdown.self, forKey: .breakdown))
      case .floors: self = .floors(try container.decode([Floor].self, forKey: .floors))
      case .warning: self = .warning(try container.decode(Warning.self, forKey: .warning))
      case .search: self = .search(try container.decode(SearchSession.self, forKey: .search))
      case .trial: self = .trial(try container.decode(TrialRecord.self, forKey: .trial))
      case nil:
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: [],
            debugDescription: "none of "
              + Kind.allCases.map(\.rawValue).joined(separator: ", ")))
      }
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Kind.self)
      switch self {
      case .session(let session): try container.encode(session, forKey: .session)
      case .run(let run): try container.encode(run, forKey: .run)
      case .locks(let locks): try container.encode(locks, forKey: .locks)
      case .counts(let counts): try container.encode(counts, forKey: .counts)
      case .stages(let stages): try container.encode(stages, forKey: .stages)
      case .breakdown(let breakdown): try container.encode(breakdown, forKey: .breakdown)
      case .floors(let floors): try container.encode(floors, forKey: .floors)
      case .warning(let warning): try container.encode(warning, forKey: .warning)
      case .search(let search): try container.encode(search, forKey: .search)
      case .trial(let trial): try container.encode(trial, forKey: .trial)
      }
    }
  }

  package static func encode(_ line: Line) throws -> [UInt8] {
    Array(try JSON(encoding: line).line().utf8) + [UInt8(ascii: "\n")]
  }

  /// What a file holds; a last line that a crash cut short is left out.
  package static func decode(_ bytes: [UInt8], from name: String) throws(BenchError) -> Results {
    var session: Session?
    var search: SearchSession?
    var trials: [TrialRecord] = []
    var results = Results()
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let isCut = bytes.last != UInt8(ascii: "\n")
    for (index, line) in lines.enumerated() {
      let decoded: Line
      do { decoded = try JSON(parsing: line).decode() } catch {
        if index == lines.count - 1 && isCut { break }
        throw BenchError(
          "\(name) line \(index + 1) is not a benchmark result: \(DecodingError.reason(error))")
      }
      switch decoded {
      case .session(let found):
        guard found.format <= Session.currentFormat else {
          throw BenchError(
            "\(name) has format \(found.format); this rxtune reads up to "
              + "\(Session.currentFormat)")
        }
        session = found
      case .run(var run):
        if session?.namesCountersAsNstat == false {
          run.load.host.nameCountersAsNstat()
          run.server.host.nameCountersAsNstat()
        }
        guard run.isPossible else {
          throw BenchError("\(name) line \(index + 1): no run can have had such figures")
        }
        results.runs.append(run)
      case .locks(let record): results.locks.append(record)
      case .counts(let record): results.counts.append(record)
      case .stages(let record):
        guard record.split.isPossible else {
          throw BenchError("\(name) line \(index + 1): no packets can have had such times")
        }
        results.stages.append(record)
      case .breakdown(let breakdown):
        guard breakdown.isPossible else {
          throw BenchError("\(name) line \(index + 1): no run can have had such figures")
        }
        results.breakdowns.append(breakdown)
      case .floors(let floors): results.floors = floors
      case .warning(let warning): results.warnings.append(warning)
      case .search(let found): search = found
      case .trial(let trial): trials.append(trial)
      }
    }
    if let search {
      results.search = try SearchReport(search, trials, from: name)
      return results
    }
    guard let session else { throw BenchError("\(name) does not begin with a session") }
    results.session = session
    results.warnings = session.warnings + results.warnings
    return results
  }

  /// Reads a results directory, or its file.
  package static func read(_ path: String) throws(BenchError) -> Results {
    let inside = path + "/" + name
    let file = LocalFile.exists(inside) ? inside : path
    let bytes: [UInt8]
    do { bytes = try LocalFile.read(file, as: .results) } catch {
      throw BenchError("\(error)", hint: "give \(name), or its directory")
    }
    return try decode(bytes, from: file)
  }
}

/// A results file in memory.
package struct Results: Sendable {
  package internal(set) var session: Session?
  package var runs: [RunRecord] = []
  package var locks: [LockRecord] = []
  package var counts: [CountRecord] = []
  package var stages: [StageRecord] = []
  package var breakdowns: [Breakdown] = []
  package var floors: [Floor] = []
  package var warnings: [Warning] = []
  /// Of a file that `rxtune improve` wrote, and then nothing else.
  package var search: SearchReport?

  package init() {}

  package init(
    _ session: Session, _ runs: [RunRecord], _ locks: [LockRecord], _ stages: [StageRecord],
    _ warnings: [Warning]
  ) {
    self.session = session
    self.locks = locks
    self.stages = stages
    self.runs = runs
    self.warnings = warnings
  }
}

/// Appends results to a file, each with one write(2).
package final class ResultsWriter {
  private let descriptor: Int32
  package let path: String

  /// Creates the directory where it is missing; refuses to write over results.
  package init(directory: String) throws(BenchError) {
    if unsafe mkdir(directory, 0o755) != 0 && errno != EEXIST {
      throw .last("create directory \(directory)")
    }
    path = directory + "/" + ResultsFile.name
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .last(
        "create \(path)", hint: errno == EEXIST ? "it holds results; choose another --out" : nil)
    }
  }

  deinit { close(descriptor) }

  package func append(_ line: ResultsFile.Line) throws(BenchError) {
    let bytes: [UInt8]
    do { bytes = try ResultsFile.encode(line) } catch {
      throw BenchError("encode a result: \(error)")
    }
    guard unsafe write(descriptor, bytes, bytes.count) == bytes.count else {
      throw .last("write \(path)")
    }
  }
}

import KernelIO
import Knobs
import Live
import Rendering
import Scaling
import Tuning

/// What a command finds wrong with its own command line, while it runs.
struct Mistake: Error, CustomStringConvertible {
  let message: String
  private let usage: String

  init(_ message: String, usage: String) {
    self.message = message
    self.usage = usage
  }

  var description: String { "\(message)\nUsage: \(usage)" }
}

extension Problem {
  /// Of whatever stopped a command.
  ///
  /// - Parameter prose: as people are told it.
  init(_ error: any Error, prose: String, isUsage: Bool) {
    switch error {
    case let failure as Failure: self = failure.problem
    case let mistake as Mistake: self.init(.usage, mistake.message)
    case let error as TuningError: self.init(error)
    case let error as KernelError: self.init(error.problem, prose)
    case let error as ProfileError: self.init(error.problem, prose)
    case let error as TraceError: self.init(error.problem, prose)
    case let error as BenchError:
      // It may have come of a file, and holds the errno in its words.
      let errno = error.errno ?? Problem(.failed, prose).errno.flatMap { Errno(name: $0) }
      self.init(errno.map { KernelError("", "", $0).problem } ?? .failed, prose)
    // The usage follows in lines of its own.
    case _ where isUsage: self.init(.usage, String(prose.prefix { $0 != "\n" }))
    default: self.init(.failed, prose)
    }
  }

  private init(_ error: TuningError) {
    let prose = "\(error)"
    switch error {
    case .notBegun(let error), .storage(let error): self.init(error.problem, prose)
    case .unrecorded(let error, let undo):
      self.init(undo.isComplete ? error.problem : .notRestored, prose)
    case .journal, .newestIsDamaged: self.init(.journalDamaged, prose)
    case .noSuchJournal: self.init(.noSuchChange, prose)
    case .locked: self.init(.busy, prose)
    case .unconfirmed: self.init(.unconfirmed, prose)
    case .refused(let caveats, let plan): self.init(refusing: caveats, plan)
    case .failed(let failure, let undo):
      let setting = failure.settings.first
      self.init(
        undo.isComplete ? .kernelRefused : .notRestored, prose, knob: setting?.knob,
        place: setting?.place)
    case .reversed(.linkDown(let device, _), let undo):
      self.init(undo.isComplete ? .linkDown : .notRestored, prose, place: .device(device))
    case .reversed(.unrecorded, let undo):
      self.init(undo.isComplete ? .kernel : .notRestored, prose)
    case .cannotRollBack, .cannotForget: self.init(.refused, prose)
    }
  }
}

extension TuningError.Undo {
  var isComplete: Bool {
    switch self {
    case .nothingChanged, .complete, .deviceGone: true
    case .incomplete: false
    }
  }
}

extension KernelError {
  var problem: Problem.Kind {
    switch kind {
    case .needsPrivilege: .needsPrivilege
    case .notSupported: .notSupported
    case .absent: errno == .noDevice ? .noSuchDevice : errno == .noEntry ? .noSuchFile : .kernel
    case .interrupted, .refused, .malformed: .kernel
    case .notRecorded: .badFile
    }
  }
}

extension ProfileError {
  fileprivate var problem: Problem.Kind {
    cause?.problem ?? (isUnknown ? .noSuchProfile : .badProfile)
  }
}

extension TraceError {
  fileprivate var problem: Problem.Kind { cause?.problem ?? .notSupported }
}

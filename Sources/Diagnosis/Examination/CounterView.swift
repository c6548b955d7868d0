import ReceivePath

extension Examination {
  /// What counters of the protocols come to: `finding` of each that grew, notes of those that counted
  /// something before, and where none is known, why.
  ///
  /// - Parameters:
  ///   - perSecond: slower than this, what grew is a note.
  ///   - isOptional: some kernels do not have them.
  func findings(
    ofCounters names: [String], at subject: Diagnosis.Subject, atLeast perSecond: Double = 0,
    isOptional: Bool = false, _ finding: (String, Trend.Rate) -> Diagnosis.Finding
  ) -> [Diagnosis.Verdict] {
    var verdicts: [Diagnosis.Verdict] = []
    var reasons: [String] = []
    for name in names {
      let trend = trend(ofCounter: name)
      switch trend {
      case .grew(let rate) where rate.perSecond >= perSecond:
        verdicts.append(.finding(finding(name, rate)))
      case .grew(let rate):
        let time = Self.seconds(interval ?? 0)
        verdicts.append(.note(Note(at: subject, "\(name): \(rate.count) in the last \(time).")))
      case .still: verdicts += note(trend, name, at: subject)
      case .total(_, let reason):
        verdicts += note(trend, name, at: subject)
        reasons.append(reason)
      case .unknown(let reason):
        let isMissing = now.readings?.counters.value.map { $0[name] == nil } ?? false
        if !isOptional || !isMissing { reasons.append(reason) }
      }
    }
    return verdicts + reasons.prefix(1).map { .unchecked(nil, $0) }
  }
}

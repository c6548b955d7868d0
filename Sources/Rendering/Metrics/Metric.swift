/// A metric of `rxtune metrics`: its name, its labels, and what of a host it tells.
///
/// Dashboards and alerts stand on names and labels: those that were published stay. What moves (an
/// IRQ, the CPU that serves it) is a label of an `_info` metric alone; no label is a process, a
/// socket or a member of a group.
package struct Metric: Sendable {
  package enum Kind: String, Sendable, CaseIterable { case counter, gauge }

  package let name: String
  package let kind: Kind
  /// HELP: a sentence.
  package let help: String
  package let labels: [String]
  private let read: @Sendable (MetricsReading) -> [Sample]

  /// The labels' values in the labels' order; nil is a label that the sample goes without.
  package struct Sample: Hashable, Sendable {
    package var labels: [String?]
    package var value: Value
  }

  package enum Value: Hashable, Sendable {
    case count(UInt64)
    case number(Double)
  }

  struct Label<Subject>: Sendable {
    let name: String
    let value: @Sendable (Subject) -> String?

    init(_ name: String, _ value: @escaping @Sendable (Subject) -> String?) {
      self.name = name
      self.value = value
    }
  }

  /// - Parameter value: nil is no sample: what is not known is never 0.
  init<Subject>(
    _ name: String, _ kind: Kind, _ help: String, _ labels: [Label<Subject>],
    of subjects: @escaping @Sendable (MetricsReading) -> [Subject],
    _ value: @escaping @Sendable (Subject) -> Value?
  ) {
    self.name = name
    self.kind = kind
    self.help = help
    self.labels = labels.map(\.name)
    read = { reading in
      subjects(reading).compactMap { subject in
        value(subject).map { Sample(labels: labels.map { $0.value(subject) }, value: $0) }
      }
    }
  }

  package static let all = queues + listeners + upkeep + [build]

  /// Each set of labels once: of a file with a series twice, Prometheus takes nothing. Two devices
  /// whose names are no UTF-8 may read the same.
  package func samples(_ reading: MetricsReading) -> [Sample] {
    var seen: Set<[String?]> = []
    return read(reading).filter { seen.insert($0.labels).inserted }
  }

  private static let build = Metric(
    "rxtune_build_info", .gauge, "The rxtune that wrote these metrics.",
    [Label("version") { $0 }], of: { [$0.version] }
  ) { _ in .count(1) }
}

extension Optional where Wrapped == UInt64 {
  var asCount: Metric.Value? { map { .count($0) } }
}

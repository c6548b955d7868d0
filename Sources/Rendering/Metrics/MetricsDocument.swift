import Notation

/// `rxtune metrics`: Prometheus' text format 0.0.4, which node_exporter's textfile collector reads,
/// and the same as JSON.
///
/// It is not OpenMetrics: a counter's TYPE names it with its `_total`, and nothing ends the text. A
/// timestamp would make the collector drop the whole file.
package struct MetricsDocument: Document, Sendable {
  private let families: [Family]

  private struct Family: Sendable {
    var metric: Metric
    var samples: [Metric.Sample]
  }

  package init(_ reading: MetricsReading) {
    families = Metric.all.map { Family(metric: $0, samples: $0.samples(reading)) }
      .filter { !$0.samples.isEmpty }
  }

  package var lines: [String] {
    families.flatMap { family -> [String] in
      let metric = family.metric
      return [
        "# HELP \(metric.name) \(Self.escaped(metric.help))",
        "# TYPE \(metric.name) \(metric.kind.rawValue)",
      ] + family.samples.map { Self.line($0, of: metric) }
    }
  }

  private static func line(_ sample: Metric.Sample, of metric: Metric) -> String {
    var line = metric.name
    var separator = "{"
    for (name, value) in zip(metric.labels, sample.labels) {
      // To Prometheus an empty label is none.
      guard let value, !value.isEmpty else { continue }
      line += separator + name + "=\"" + escaped(value, quotes: true) + "\""
      separator = ","
    }
    if separator == "," { line += "}" }
    switch sample.value {
    case .count(let count): return line + " \(count)"
    case .number(let number): return line + " \(number)"
    }
  }

  /// A device may be called anything but "." and "..", without slash, colon and white space
  /// (net/core/dev.c, dev_valid_name).
  private static func escaped(_ text: String, quotes: Bool = false) -> String {
    func isSpecial(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\n")
        || quotes && byte == UInt8(ascii: "\"")
    }
    guard text.utf8.contains(where: isSpecial) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  // MARK: JSON

  package static let shape = Record<MetricsDocument>([
    Field("metrics", "Metrics that have a sample, in the order of the text.", .array(of: family)) {
      $0.families
    }
  ]).shape

  private static let family = Record<Family>([
    Field("name", "Name of the metric.", .string) { $0.metric.name },
    Field("type", "Type of the metric.", .oneOf(Metric.Kind.allCases.map(\.rawValue))) {
      $0.metric.kind.rawValue
    },
    Field("help", "What it tells.", .string) { $0.metric.help },
    Field("samples", "One per set of labels; what is unknown has none.", .array(of: sample)) {
      family in family.samples.map { Labelled(names: family.metric.labels, sample: $0) }
    },
  ]).shape

  private struct Labelled: Sendable {
    var names: [String]
    var sample: Metric.Sample
  }

  private static let sample = Record<Labelled>([
    Field("labels", "Labels that have a value, by name.", .keyed(by: .string)) { labelled in
      zip(labelled.names, labelled.sample.labels).compactMap { name, value in
        value.flatMap { $0.isEmpty ? nil : (name, $0) }
      }
    },
    Field("value", "The value.", value) { $0.sample.value },
  ]).shape

  private static let value = Shape<Metric.Value>(
    schema: .object(["type": .string("number"), "minimum": .integer(0)])
  ) { value in
    switch value {
    case .count(let count): .unsigned(count)
    case .number(let number): .number(number)
    }
  }
}

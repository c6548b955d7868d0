import Knobs
import Notation
import ReceivePath

extension StageSection {
  static let rss = StageSection { device, _ in
    var lines: [String] = []
    switch device.rss {
    case .absent(let absence): lines.append(absence.reason.words)
    case .value(let rss): lines += rss.lines
    }
    for context in device.rssContexts.value ?? [] {
      lines += context.lines.map { "context \(context.context): \($0)" }
    }
    switch device.flowRules {
    case .absent(let absence): lines.append("ntuple rules \(absence.reason.words)")
    case .value(let rules):
      lines.append(rules.isEmpty ? "ntuple rules none" : "ntuple rules \(rules.count)")
      lines += rules.map { "  \(Words.rule($0))" }
    }
    return lines
  } record: {
    (
      "How flows spread over the queues (RSS).",
      Record<DeviceSnapshot>([
        Field("main", "The main RSS context (0).", .reading(RSS.shape)) { $0.rss },
        Field("contexts", "Additional RSS contexts.", .reading(.array(of: RSS.shape))) {
          $0.rssContexts
        },
        Field(
          "rules", "Flow rules (ntuple), by location.", .reading(.array(of: FlowRuleJSON.shape))
        ) {
          $0.flowRules
        },
      ]).shape
    )
  }
}

extension RSS {
  fileprivate var lines: [String] {
    let function = hashFunction?.description ?? "function not reported"
    let transform = inputTransform.isEmpty ? "" : " (\(inputTransform.description))"
    let table =
      self.table.isEmpty
      ? "table not reported" : "table of \(self.table.count) over \(Words.queues(self.table))"
    let key =
      self.key.isEmpty
      ? "key not reported"
      : "key \(Hex.text(Array(self.key.prefix(8)), separator: ":"))… (\(self.key.count) bytes)"
    var lines = ["\(function)\(transform), \(table), \(key)"]
    let hashed = FlowType.common.compactMap { type in
      fields[type].map { "\(type.name) \($0.description)" }
    }
    lines.append(
      hashed.isEmpty ? "hash fields not reported" : "fields " + hashed.joined(separator: ", "))
    return lines
  }

  fileprivate static let shape = Record<RSS>([
    Field("context", "The context's number.", .counter32) { $0.context },
    Field(optional: "hfunc", "The hash function.", .string) { $0.hashFunction?.description },
    Field("input-xfrm", "Transform of the fields before hashing, if reported.", .string) {
      $0.inputTransform.description
    },
    Field(optional: "hkey", "The hash key in hex, if the device reports it.", .string) {
      $0.key.isEmpty ? nil : Hex.text($0.key, separator: ":")
    },
    Field(
      optional: "indir", "The queue of each entry of the indirection table.", .array(of: .counter32)
    ) {
      $0.table.isEmpty ? nil : $0.table
    },
    Field("flow-hash", "Hashed fields by flow type, in ethtool's letters.", .keyed(by: .string)) {
      rss in
      FlowType.allCases.compactMap { type in rss.fields[type].map { (type.name, $0.description) } }
    },
  ]).shape
}

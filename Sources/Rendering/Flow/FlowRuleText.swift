import Notation
import ReceivePath

extension FlowRule {
  /// "rule 7: tcp4 dst-port 80 → queue 3".
  var description: String {
    let conditions = matches.map { match -> String in
      if match.lacksMask { return "\(match.field) \(match.valueText) (no mask told)" }
      let isWhole = match.mask.allSatisfy { $0 == 0xff }
      return "\(match.field) \(match.valueText)" + (isWhole ? "" : "/\(match.maskText)")
    }
    return (["rule \(location):", flowType] + conditions + ["→", actionText]).joined(separator: " ")
  }

  /// "queue 3", "drop".
  var actionText: String {
    switch action {
    case .queue(let queue): context.map { "context \($0) + queue \(queue)" } ?? "queue \(queue)"
    case .drop: "drop"
    case .wake: "wake"
    case .virtualFunction(let function, let queue): "vf \(function) queue \(queue)"
    }
  }
}

extension FlowRule.Match {
  var valueText: String { text(value) }
  var maskText: String { text(mask) }

  /// Addresses and ports as they are typed, everything else in hex.
  private func text(_ bytes: [UInt8]) -> String {
    if field.hasSuffix("-ip"), let address = IPAddress(bytes: bytes) { return address.description }
    if bytes.count <= 2 { return String(bytes.reduce(0) { $0 << 8 | Int($1) }) }
    return Hex.text(bytes, separator: ":")
  }
}

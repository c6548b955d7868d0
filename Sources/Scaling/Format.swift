/// Numbers as people read them.
package enum Format {
  /// A number with that many decimals; "–" where it is none.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "–" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    let sign = value < 0 && scaled > 0 ? "-" : ""
    let whole = UInt64(scaled / scale)
    guard decimals > 0 else { return "\(sign)\(UInt64(scaled))" }
    let rest = String(UInt64(scaled - Double(whole) * scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: max(0, decimals - rest.count)) + rest
  }

  /// Nanoseconds in µs, three digits.
  package static func microseconds(_ nanoseconds: UInt64) -> String {
    let value = Double(nanoseconds) / 1000
    return fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0) + " µs"
  }

  /// 31234 → "31.2 k".
  package static func rate(_ value: Double) -> String {
    switch abs(value) {
    case 1e6...: fixed(value / 1e6, 2) + " M"
    case 1e3...: fixed(value / 1e3, 1) + " k"
    default: fixed(value, 0)
    }
  }

  /// "1 worker", "2 workers"
  package static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  package static func percent(_ share: Double, _ decimals: Int = 1) -> String {
    fixed(share * 100, decimals) + " %"
  }
}

/// Places that differ in their number alone: "eth0 rx-0 to rx-3".
struct PlaceRange: CustomStringConvertible {
  private let first: String
  private var last: String

  init(_ place: String) {
    first = place
    last = place
  }

  /// One longer where `place` is the next; else nil.
  func continued(by place: String) -> PlaceRange? {
    guard let (stem, number) = Self.parts(last), let next = Self.parts(place),
      next.stem == stem, next.number == number &+ 1
    else { return nil }
    var longer = self
    longer.last = place
    return longer
  }

  /// The number that a name of a part ends in; a device's own is none.
  private static func parts(_ place: String) -> (stem: Substring, number: Int)? {
    let digits = place.reversed().prefix { ("0"..."9").contains($0) }.count
    let stem = place.dropLast(digits)
    guard let number = Int(place.suffix(digits)), Self.kinds.contains(where: stem.hasSuffix)
    else { return nil }
    return (stem, number)
  }

  private static let kinds = ["rx-", "tx-", "napi-", "napi ", "irq-", "cpu"]

  var description: String {
    guard first != last, let end = last.split(separator: " ").last else { return first }
    return "\(first) to \(end)"
  }
}

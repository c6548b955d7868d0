/// Ways in which bytes come broken.
package enum Damage {
  /// A copy with up to `count` bytes changed, dropped or added, or the tail cut off.
  package static func random(
    _ bytes: [UInt8], _ count: Int = 4, using generator: inout SplitMix
  ) -> [UInt8] {
    var damaged = bytes
    for _ in 0..<Int.random(in: 1...max(count, 1), using: &generator) where !damaged.isEmpty {
      let index = Int.random(in: damaged.indices, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: damaged.remove(at: index)
      case 1: damaged.insert(.random(in: .min ... .max, using: &generator), at: index)
      case 2: damaged[index] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
      case 3: damaged[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      default:
        if Int.random(in: 0..<4, using: &generator) == 0 { damaged.removeSubrange(index...) }
      }
    }
    return damaged
  }
}

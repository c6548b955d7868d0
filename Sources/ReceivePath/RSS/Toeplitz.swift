/// The hash of Microsoft's RSS specification, which most devices compute over a packet's
/// addresses and ports (scaling.rst, "RSS").
package enum Toeplitz {
  /// - Parameters:
  ///   - key: at least four bytes longer than `input`; 40 serve IPv6 with ports.
  ///   - input: fields in network byte order: source, destination, source port, destination port.
  /// - Returns: nil where the key is too short.
  package static func hash(key: [UInt8], _ input: [UInt8]) -> UInt32? {
    guard key.count >= input.count + 4 else { return nil }
    var hash: UInt32 = 0
    // The 32 key bits that are XORed in where the input's current bit is 1.
    var window = key[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    for (index, byte) in input.enumerated() {
      let next = key[index + 4]
      for bit in (0..<8).reversed() {
        if byte >> UInt8(bit) & 1 != 0 { hash ^= window }
        window = window << 1 | UInt32(next >> UInt8(bit) & 1)
      }
    }
    return hash
  }
}

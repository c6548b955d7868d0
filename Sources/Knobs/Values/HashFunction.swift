/// The function that a device hashes a packet's fields with (linux/ethtool.h, ETH_RSS_HASH_*).
package enum HashFunction: Hashable, Sendable, CustomStringConvertible {
  case toeplitz, xor, crc32
  case other(UInt32)

  package init(bit: UInt32) {
    self =
      switch bit {
      case 1: .toeplitz
      case 2: .xor
      case 4: .crc32
      default: .other(bit)
      }
  }

  package var bit: UInt32 {
    switch self {
    case .toeplitz: 1
    case .xor: 2
    case .crc32: 4
    case .other(let bit): bit
    }
  }

  package var description: String {
    switch self {
    case .toeplitz: "toeplitz"
    case .xor: "xor"
    case .crc32: "crc32"
    case .other(let bit): Self.unknown + "\(bit)"
    }
  }

  /// Reads `description`, of those too that have no name.
  package init?(_ text: some StringProtocol) {
    if let known = Self(known: String(text)) {
      self = known
    } else {
      guard text.hasPrefix(Self.unknown), let bit = UInt32(text.dropFirst(Self.unknown.count))
      else { return nil }
      self.init(bit: bit)
    }
  }

  package init?(known name: String) {
    switch name {
    case "toeplitz": self = .toeplitz
    case "xor": self = .xor
    case "crc32": self = .crc32
    default: return nil
    }
  }

  private static let unknown = "function-"
}

/// What happens to a packet's fields before they are hashed (linux/ethtool.h, RXH_XFRM_*).
package struct InputTransform: OptionSet, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let symmetricXor = InputTransform(rawValue: 1)
  package static let symmetricOrXor = InputTransform(rawValue: 2)

  package var description: String {
    switch self {
    case []: "none"
    case .symmetricXor: "symmetric-xor"
    case .symmetricOrXor: "symmetric-or-xor"
    default: Self.unknown + "\(rawValue)"
    }
  }

  package init?(_ text: some StringProtocol) {
    switch text {
    case "none": self = []
    case "symmetric-xor": self = .symmetricXor
    case "symmetric-or-xor": self = .symmetricOrXor
    default:
      guard text.hasPrefix(Self.unknown), let bits = UInt32(text.dropFirst(Self.unknown.count))
      else { return nil }
      self.init(rawValue: bits)
    }
  }

  private static let unknown = "transform-"
}

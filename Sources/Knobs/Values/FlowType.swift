/// Kinds of packets that a device hashes, or matches rules on, each in its own way.
///
/// `rawValue` is the attribute of ETHTOOL_A_FLOW_*; names are those of ethtool -n … rx-flow-hash.
package enum FlowType: UInt16, CaseIterable, Sendable, Hashable {
  case ether = 1
  case ip4, ip6, tcp4, tcp6, udp4, udp6, sctp4, sctp6, ah4, ah6, esp4, esp6
  case ahEsp4, ahEsp6
  case gtpu4, gtpu6, gtpc4, gtpc6, gtpcTeid4, gtpcTeid6, gtpuEh4, gtpuEh6
  case gtpuUl4, gtpuUl6, gtpuDl4, gtpuDl6

  package var name: String {
    // "gtpcTeid4" is spelled gtpc-teid4 by the kernel.
    "\(self)".reduce(into: "") { name, letter in
      name += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
    }
  }

  /// The ioctl's number of it (linux/ethtool.h, TCP_V4_FLOW and the like), for those it can ask.
  package var ioctlNumber: UInt32? {
    switch self {
    case .tcp4: 0x01
    case .udp4: 0x02
    case .sctp4: 0x03
    case .ahEsp4: 0x04
    case .tcp6: 0x05
    case .udp6: 0x06
    case .sctp6: 0x07
    case .ahEsp6: 0x08
    case .ah4: 0x09
    case .esp4: 0x0a
    case .ah6: 0x0b
    case .esp6: 0x0c
    case .ip4: 0x10
    case .ip6: 0x11
    case .ether: 0x12
    default: nil
    }
  }

  /// Those that ethtool users look at first, in the order they are shown.
  package static let common: [FlowType] = [.tcp4, .udp4, .tcp6, .udp6, .ip4, .ip6]
}

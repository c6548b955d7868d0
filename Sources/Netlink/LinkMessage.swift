/// rtnetlink's messages about devices (linux/rtnetlink.h, linux/if_link.h, specs/rt-link.yaml).
package enum LinkMessage: UInt16 {
  /// RTM_NEWLINK: makes a device, or tells of one.
  case new = 16
  /// RTM_DELLINK.
  case deleted = 17
  /// RTM_GETLINK.
  case get = 18
  /// RTM_SETLINK.
  case set = 19

  /// `struct ifinfomsg`, which each begins with; a strict kernel takes nothing but the index in a
  /// question.
  package struct Header {
    package static let size = 16

    package var index: Int32
    /// IFF_*.
    package var flags: UInt32
    /// Which of `flags` are to be set.
    package var change: UInt32

    package init(index: Int32 = 0, flags: UInt32 = 0, change: UInt32 = 0) {
      self.index = index
      self.flags = flags
      self.change = change
    }

    package init(_ message: NetlinkMessage) throws(DecodeError) {
      var reader = ByteReader(message.payload, "link")
      try reader.skip(4, "family and type")
      index = try reader.integer("ifindex")
      flags = try reader.integer("flags")
      change = 0
    }

    package var bytes: [UInt8] {
      [0, 0, 0, 0] + hostBytes(index) + hostBytes(flags) + hostBytes(change)
    }
  }

  /// IFLA_*.
  package enum Key: UInt16 {
    case address = 1
    case name = 3
    case mtu = 4
    case lower = 5
    case master = 10
    case txQueueLength = 13
    case operState = 16
    case linkInfo = 18
    /// A process in whose network namespace a new device is to be (IFLA_NET_NS_PID).
    case process = 19
    case statistics64 = 23
    case families = 26
    case txQueues = 31
    case rxQueues = 32
    case carrier = 33
    case carrierChanges = 35
    case lowerNamespace = 37
    case xdp = 43
    case targetNamespace = 46
    case minMTU = 50
    case maxMTU = 51
    case properties = 52
    case alternativeName = 53
    case permanentAddress = 54
    case parentDevice = 56
    case parentBus = 57
    case groMaxSize = 58
    case groIPv4MaxSize = 64
  }

  /// IFLA_INFO_*, inside of `linkInfo`.
  package enum InfoKey: UInt16 {
    case kind = 1
    case data = 2
    case portKind = 4
  }
}

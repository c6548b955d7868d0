import KernelIO
import Netlink

/// Names that the kernel or a driver numbers: ETHTOOL_GSSET_INFO and GSTRINGS (enum
/// ethtool_stringset). The netlink messages carry them along.
enum StringSet: UInt32 {
  case privateFlags = 2
  case features = 4

  /// Above any set's: a guard against a hostile count.
  static let limit: UInt32 = 1 << 10
  static let nameSize = 32
}

extension Host {
  /// The names of a set, by number; some may be empty.
  ///
  /// - Throws: EOPNOTSUPP where the driver has no such set.
  func strings(_ device: String, _ set: StringSet) throws(KernelError) -> [String] {
    // struct ethtool_sset_info {cmd, reserved, sset_mask: u64, data[]}.
    var question = EthtoolStructure(command: 0x37, size: 20)
    question.put(UInt64(1) << UInt64(set.rawValue), at: 8)
    var info = try ethtoolIoctl(device, question, "GSSET_INFO")
    let count = try decoding("GSSET_INFO \(device)") { () throws(DecodeError) in
      try info.skip(8, "cmd and reserved")
      let sets: UInt64 = try info.integer("sset_mask")
      return sets == 0 ? 0 : min(try info.integer("data"), StringSet.limit)
    }
    guard count > 0 else { throw KernelError("SIOCETHTOOL", "GSSET_INFO \(device)", .notSupported) }
    // struct ethtool_gstrings {cmd, string_set, len, data[]}.
    var structure = EthtoolStructure(
      command: DriverStatistics.stringsCommand, size: 12 + Int(count) * StringSet.nameSize)
    structure.put(set.rawValue, at: 4)
    structure.put(count, at: 8)
    var reply = try ethtoolIoctl(device, structure, "GSTRINGS")
    return try decoding("GSTRINGS \(device)") { () throws(DecodeError) in
      try reply.skip(8, "cmd and string_set")
      let told: UInt32 = try reply.integer("len")
      var names: [String] = []
      for _ in 0..<min(told, count) { names.append(try reply.text(StringSet.nameSize, "name")) }
      return names
    }
  }
}

/// ethtool's bitset in its verbose form: bits with names (ethtool-netlink.rst, "Bit sets").
package struct Bitset: Hashable, Sendable {
  package struct Bit: Hashable, Sendable {
    package var index: UInt32
    package var name: String
    /// In a set with a mask: the bit's value. In a list without one: always true.
    package var value: Bool
  }
  package var bits: [Bit]
  /// True where only the bits that are set are listed, and no mask is told.
  package var isList: Bool

  private enum Key: UInt16 {
    case noMask = 1
    case size = 2
    case bits = 3
  }
  private enum BitKey: UInt16 {
    case index = 1
    case name = 2
    case value = 3
  }

  package init(_ attribute: Attribute) throws(DecodeError) {
    let fields = try attribute.nested()
    isList = fields[Key.noMask] != nil
    bits = []
    guard let nest = try fields[Key.bits]?.nested() else { return }
    for entry in nest {
      let bit = try entry.nested()
      bits.append(
        Bit(
          index: try bit[BitKey.index]?.u32() ?? 0,
          name: bit[BitKey.name]?.string() ?? "",
          value: isList || bit[BitKey.value] != nil))
    }
  }

  /// Names of the bits that are set.
  package var names: [String] { bits.filter(\.value).map(\.name) }

  /// Writes a masked bitset that changes just the bits named.
  package static func put(
    _ type: UInt16, changes: [(name: String, value: Bool)], into writer: inout AttributeWriter
  ) {
    writer.nest(type) { set in
      set.nest(Key.bits.rawValue) { list in
        for change in changes {
          list.nest(1) { bit in
            bit.put(BitKey.name.rawValue, change.name)
            bit.put(BitKey.value.rawValue, flag: change.value)
          }
        }
      }
    }
  }
}

package import Netlink

/// What a kernel tells of its own types (BPF Type Format; bpf/btf.rst): where members of structures
/// are, and what enumerations call their values. Read from /sys/kernel/btf/vmlinux.
package struct BTF: Sendable {
  /// BTF_KIND_*, and how many bytes follow each kind's header.
  private enum Kind: UInt8 {
    case integer = 1
    case pointer, array, structure, union, enumeration, forward, alias, volatile, const, restrict
    case function, prototype, variable, section, float, declarationTag, typeTag, enumeration64

    func size(members: Int) -> Int {
      switch self {
      case .integer, .variable, .declarationTag: 4
      case .array: 12
      case .structure, .union, .section, .enumeration64: 12 * members
      case .enumeration, .prototype: 8 * members
      case .pointer, .forward, .alias, .volatile, .const, .restrict, .function, .float, .typeTag: 0
      }
    }

    /// Another name of a type, or a qualified one.
    var isTransparent: Bool {
      switch self {
      case .alias, .volatile, .const, .restrict, .typeTag: true
      default: false
      }
    }
  }

  private let bytes: [UInt8]
  private let strings: Range<Int>
  /// Where each type's header begins; type 0 is void, and not here.
  private var places: [Int32] = []

  private static let context = "BTF"
  private static let magic: UInt16 = 0xeb9f
  private static let headerSize = 12
  /// Of anonymous structures within each other, and of names of names: C's own are few.
  private static let deepest = 16

  package init(_ bytes: [UInt8]) throws(DecodeError) {
    self.bytes = bytes
    var reader = ByteReader(bytes, Self.context)
    guard try reader.integer("magic", as: UInt16.self) == Self.magic else {
      throw DecodeError(Self.context, offset: 0, "no BTF of this machine's byte order")
    }
    try reader.skip(2, "version and flags")
    let header = Int(try reader.integer("header length", as: UInt32.self))
    func section(_ what: String) throws(DecodeError) -> Range<Int> {
      let start = header + Int(try reader.integer(what, as: UInt32.self))
      let end = start + Int(try reader.integer(what, as: UInt32.self))
      guard end <= bytes.count, end <= Int32.max else {
        throw DecodeError(Self.context, offset: reader.offset, "\(what) end beyond the file")
      }
      return start..<end
    }
    let types = try section("types")
    strings = try section("strings")
    places.reserveCapacity(types.count / 20)
    var place = types.lowerBound
    while place < types.upperBound {
      guard place + Self.headerSize <= types.upperBound else {
        throw DecodeError(Self.context, offset: place, "a type breaks off")
      }
      let info = word(place + 4)
      guard let kind = Kind(rawValue: UInt8(truncatingIfNeeded: info >> 24) & 0x1f) else {
        throw DecodeError(Self.context, offset: place, "type of kind \(info >> 24 & 0x1f)")
      }
      let end = place + Self.headerSize + kind.size(members: Int(info & 0xffff))
      guard end <= types.upperBound else {
        throw DecodeError(Self.context, offset: place, "a type's members break off")
      }
      places.append(Int32(truncatingIfNeeded: place))
      place = end
    }
  }

  /// Bytes from the start of a structure to one of its members: "net_device.nd_net.net"; members of
  /// anonymous structures are found as C finds them. nil where this kernel has no such member, or
  /// one of bits.
  package func offset(of path: String) -> Int? {
    let names = path.split(separator: ".").map { Array($0.utf8) }
    guard let name = names.first, names.count > 1 else { return nil }
    // A structure may be there several times, where sources differ in what they call it.
    var number = 0
    while let found = type(named: name, of: .structure, after: number) {
      if let bits = offset(of: names.dropFirst(), in: found), bits % 8 == 0 { return bits / 8 }
      number = found
    }
    return nil
  }

  /// The values of an enumeration, by their numbers; empty where this kernel has none of that name.
  package func enumeration(_ name: String) -> [UInt32: String] {
    guard let number = type(named: Array(name.utf8), of: .enumeration), let type = self[number]
    else { return [:] }
    var names: [UInt32: String] = [:]
    for member in 0..<type.count {
      let place = type.members + 8 * member
      names[word(place + 4)] = String(decoding: text(word(place)), as: UTF8.self)
    }
    return names
  }

  /// Whether this kernel has the tracepoint: a type of its probes is part of each.
  package func hasTracepoint(_ name: String) -> Bool {
    type(named: Array("btf_trace_\(name)".utf8), of: .alias) != nil
  }

  // MARK: - Types

  private struct TypeHeader {
    var kind: Kind
    var name: UInt32
    var count: Int
    /// Of structures: bit fields have their widths beside their places.
    var hasWidths: Bool
    /// Of names and qualified types: what they stand for.
    var target: Int
    var members: Int
  }

  private subscript(number: Int) -> TypeHeader? {
    guard number > 0, number <= places.count else { return nil }
    let place = Int(places[number - 1])
    let info = word(place + 4)
    guard let kind = Kind(rawValue: UInt8(truncatingIfNeeded: info >> 24) & 0x1f) else {
      return nil
    }
    return TypeHeader(
      kind: kind, name: word(place), count: Int(info & 0xffff), hasWidths: info >> 31 != 0,
      target: Int(word(place + 8)), members: place + Self.headerSize)
  }

  private func type(named name: [UInt8], of kind: Kind, after number: Int = 0) -> Int? {
    guard !name.isEmpty, number < places.count else { return nil }
    for index in number..<places.count {
      let place = Int(places[index])
      guard bytes[place + 7] & 0x1f == kind.rawValue, text(word(place), is: name) else { continue }
      return index + 1
    }
    return nil
  }

  /// What a name, or a qualified type, stands for in the end.
  private func resolved(_ number: Int) -> Int? {
    var number = number
    for _ in 0..<Self.deepest {
      guard let type = self[number] else { return nil }
      guard type.kind.isTransparent else { return number }
      number = type.target
    }
    return nil
  }

  /// In bits.
  private func offset(of path: ArraySlice<[UInt8]>, in number: Int) -> Int? {
    guard let name = path.first else { return 0 }
    guard let (start, type) = member(name, of: number, depth: 0) else { return nil }
    guard path.count > 1 else { return start }
    return offset(of: path.dropFirst(), in: type).map { start + $0 }
  }

  private func member(
    _ name: [UInt8], of number: Int, depth: Int
  ) -> (bits: Int, type: Int)? {
    guard depth < Self.deepest, let number = resolved(number), let type = self[number],
      type.kind == .structure || type.kind == .union
    else { return nil }
    for index in 0..<type.count {
      let place = type.members + 12 * index
      let target = Int(word(place + 4))
      let start = Int(word(place + 8) & (type.hasWidths ? 0xff_ffff : .max))
      let own = text(word(place))
      if own.elementsEqual(name) { return (start, target) }
      if own.isEmpty, let found = member(name, of: target, depth: depth + 1) {
        return (start + found.bits, found.type)
      }
    }
    return nil
  }

  // MARK: - Bytes

  /// Zero beyond the end: of places that `init` did not check.
  private func word(_ place: Int) -> UInt32 {
    guard place >= 0, place + 4 <= bytes.count else { return 0 }
    return hostInteger(bytes[place..<place + 4])
  }

  private func text(_ offset: UInt32) -> ArraySlice<UInt8> {
    let start = strings.lowerBound + Int(offset)
    guard start < strings.upperBound else { return [] }
    return bytes[start..<strings.upperBound].prefix { $0 != 0 }
  }

  private func text(_ offset: UInt32, is name: [UInt8]) -> Bool {
    let start = strings.lowerBound + Int(offset)
    let end = start + name.count
    guard end < strings.upperBound, bytes[start] == name[0], bytes[end] == 0 else { return false }
    return bytes[start..<end].elementsEqual(name)
  }
}

extension Kernel {
  /// This kernel's own types (since 5.2, with CONFIG_DEBUG_INFO_BTF).
  package func types() throws(KernelError) -> BTF {
    let path = KernelPath.sys("kernel/btf/vmlinux")
    let bytes = try read(path)
    do { return try BTF(bytes) } catch { throw KernelError(path.description, error) }
  }
}

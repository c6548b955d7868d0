import CKernel

/// Programs for the kernel and their maps, as one source of CKernel/Programs was compiled.
package struct BPFObject: Sendable {
  /// What an instruction refers to by name: a map, a member of a kernel's structure
  /// ("sk_buff.dev"), or an option ("option.port").
  package struct Symbol: Sendable {
    /// Of the program's words, the first of the two that load a constant.
    package var place: Int
    package var name: String
  }

  package struct Program: Sendable {
    /// Of one for a device's packets (XDP), its name.
    package var tracepoints: [String]
    /// struct bpf_insn (linux/bpf.h).
    package var code: [UInt64]
    package var symbols: [Symbol]
  }

  package struct Map: Sendable {
    package var name: String
    /// enum bpf_map_type.
    package var type: UInt32
    /// Bytes.
    package var keySize: UInt32
    package var valueSize: UInt32
    package var entries: UInt32
  }

  package var programs: [Program]
  package var maps: [Map]

  /// The receive path's stamps: stages.bpf.c.
  package static var stages: BPFObject { unsafe BPFObject(rxtune_bpf_stages().pointee) }

  /// Waits for spinning locks: contention.bpf.c.
  package static var contention: BPFObject {
    unsafe BPFObject(rxtune_bpf_contention().pointee)
  }

  /// System calls and allocations of two network namespaces: counts.bpf.c.
  package static var counts: BPFObject { unsafe BPFObject(rxtune_bpf_counts().pointee) }

  /// Hands packets to AF_XDP sockets: xdp.bpf.c.
  package static var xdp: BPFObject { unsafe BPFObject(rxtune_bpf_xdp().pointee) }

  private init(_ object: rxtune_bpf_object) {
    programs = unsafe UnsafeBufferPointer(
      start: object.programs, count: Int(object.program_count)
    ).map { unsafe Program($0) }
    maps = unsafe UnsafeBufferPointer(start: object.maps, count: Int(object.map_count)).map { map in
      unsafe Map(
        name: String(cString: map.name), type: map.type, keySize: map.key, valueSize: map.value,
        entries: map.entries)
    }
  }
}

extension BPFObject.Program {
  fileprivate init(_ program: rxtune_bpf_program) {
    tracepoints = unsafe String(cString: program.tracepoints).split(separator: "+")
      .map(String.init)
    code = unsafe Array(UnsafeBufferPointer(start: program.code, count: Int(program.count)))
    symbols = unsafe UnsafeBufferPointer(
      start: program.symbols, count: Int(program.symbol_count)
    ).map { unsafe BPFObject.Symbol(place: Int($0.at), name: String(cString: $0.name)) }
  }

  /// The program with each name's number in its place; nil where `value` has none for a name, which
  /// is told.
  ///
  /// A constant of 64 bits lies in the upper halves of two words (BPF_LD | BPF_DW | BPF_IMM).
  package func resolved(
    _ value: (String) -> BPFObject.Value?
  ) -> Result<[UInt64], BPFObject.UnknownName> {
    var code = code
    for symbol in symbols {
      guard let value = value(symbol.name), symbol.place >= 0, symbol.place + 1 < code.count else {
        return .failure(BPFObject.UnknownName(name: symbol.name))
      }
      switch value {
      case .map(let descriptor):
        // BPF_PSEUDO_MAP_FD as the source register.
        code[symbol.place] =
          code[symbol.place] & 0x0fff | 1 << 12 | UInt64(UInt32(bitPattern: descriptor)) << 32
      case .number(let number):
        code[symbol.place] = code[symbol.place] & 0x0fff | number << 32
        code[symbol.place + 1] = number & ~0xffff_ffff
      }
    }
    return .success(code)
  }
}

extension BPFObject {
  /// What a name stands for.
  package enum Value: Hashable, Sendable {
    /// Its descriptor.
    case map(Int32)
    case number(UInt64)
  }

  package struct UnknownName: Error, Hashable {
    package var name: String
  }
}

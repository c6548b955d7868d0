import CKernel
import Glibc
import Netlink

/// Programs of an object, running in the kernel for as long as this is there: the kernel takes them
/// off when the last descriptor closes, however this process ends.
package final class BPFSession {
  private let object: BPFObject
  private let types: BTF?
  private let options: [String: UInt64]
  private var maps: [(name: String, descriptor: Int32)] = []
  private var programs: [(tracepoints: [String], program: Int32, links: [Int32])] = []

  /// Makes the maps; no program runs yet.
  ///
  /// - Parameters:
  ///   - types: of this kernel; programs that name no member of its structures do without.
  ///   - options: by name, without "option."; 0 for those that are not there.
  package init(
    _ object: BPFObject, types: BTF? = nil, options: [String: UInt64] = [:]
  ) throws(KernelError) {
    self.object = object
    self.types = types
    self.options = options
    for map in object.maps {
      let descriptor = rxtune_bpf_make_map(map.type, map.keySize, map.valueSize, map.entries)
      guard descriptor >= 0 else { throw Self.error("make", "BPF map", descriptor) }
      maps.append((map.name, descriptor))
    }
  }

  deinit {
    detachAll()
    for map in maps { Glibc.close(map.descriptor) }
  }

  private static func close(_ program: (tracepoints: [String], program: Int32, links: [Int32])) {
    for link in program.links { Glibc.close(link) }
    Glibc.close(program.program)
  }

  private static func error(
    _ operation: String, _ place: String, _ code: Int32, _ words: String? = nil
  ) -> KernelError {
    KernelError(
      operation, place, .errno(Errno(rawValue: -code)),
      extendedAck: words.map { ExtendedAck(message: $0) })
  }

  // MARK: - Programs

  /// Starts the program of `tracepoint`, on all its tracepoints that this kernel has.
  ///
  /// - Returns: those that it has not.
  /// - Throws: where the program cannot run; the verifier's words with it.
  @discardableResult
  package func attach(_ tracepoint: String) throws(KernelError) -> [String] {
    let place = "BPF program on \(tracepoint)"
    guard let source = object.programs.first(where: { $0.tracepoints.contains(tracepoint) }) else {
      throw KernelError("load", place, .noEntry)
    }
    let present = source.tracepoints.filter { types?.hasTracepoint($0) ?? true }
    guard !present.isEmpty else { return source.tracepoints }
    let program = try load(source, RXTUNE_BPF_RAW_TRACEPOINT, place)
    var links: [Int32] = []
    var missing = source.tracepoints.filter { !present.contains($0) }
    for name in present {
      let link = unsafe rxtune_bpf_attach(name, program)
      if link >= 0 {
        links.append(link)
      } else if link == -ENOENT {
        missing.append(name)
      } else {
        Self.close((present, program, links))
        throw Self.error("attach", "BPF program on \(name)", link)
      }
    }
    programs.append((source.tracepoints, program, links))
    return missing
  }

  /// Starts the object's program for a device's packets (XDP). A program that just ended leaves the
  /// device a moment later: it is waited for.
  ///
  /// - Parameter inDriver: before the driver makes anything of a packet; else before packets enter
  ///   the stack.
  package func attach(toDevice ifindex: Int32, inDriver: Bool) throws(KernelError) {
    let place = "XDP program"
    guard let source = object.programs.first else { throw KernelError("load", place, .noEntry) }
    let program = try load(source, RXTUNE_BPF_XDP, place)
    var link: Int32 = 0
    for _ in 0..<50 {
      link = rxtune_bpf_attach_xdp(ifindex, program, inDriver ? 0 : 1)
      guard link == -EBUSY else { break }
      usleep(10_000)
    }
    guard link >= 0 else {
      Glibc.close(program)
      throw Self.error("attach", place, link)
    }
    programs.append((source.tracepoints, program, [link]))
  }

  private func load(
    _ source: BPFObject.Program, _ type: Int, _ place: String
  ) throws(KernelError) -> Int32 {
    let code: [UInt64]
    switch source.resolved(value) {
    case .success(let resolved): code = resolved
    case .failure(let unknown):
      throw KernelError(
        "load", place, .errno(.notSupported),
        extendedAck: ExtendedAck(message: "this kernel's types have no \(unknown.name)"))
    }
    var log = [CChar](repeating: 0, count: 1 << 16)
    let program = unsafe rxtune_bpf_load(
      UInt32(type), code, UInt32(clamping: code.count), &log, UInt32(clamping: log.count))
    guard program >= 0 else { throw Self.error("load", place, program, Self.verdict(log)) }
    return program
  }

  /// Stops the program of `tracepoint`; what it did stays in the maps.
  package func detach(_ tracepoint: String) {
    guard let index = programs.firstIndex(where: { $0.tracepoints.contains(tracepoint) }) else {
      return
    }
    Self.close(programs.remove(at: index))
  }

  /// Stops all programs: what the maps hold then is final.
  package func detachAll() {
    for program in programs { Self.close(program) }
    programs = []
  }

  private func value(of name: String) -> BPFObject.Value? {
    if let map = maps.first(where: { $0.name == name }) { return .map(map.descriptor) }
    if name.hasPrefix("option.") {
      return .number(options[String(name.dropFirst("option.".count))] ?? 0)
    }
    return types?.offset(of: name).map { .number(UInt64($0)) }
  }

  /// What the verifier said last, before its statistics.
  private static func verdict(_ log: [CChar]) -> String? {
    let text = String(decoding: log.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("processed ") }
    return lines.last.map { "the kernel's verifier refuses it: \($0)" }
  }

  /// What the programs took so far, of those for which time is counted.
  package struct Cost: Hashable, Sendable {
    package var nanoseconds: UInt64 = 0
    package var runs: UInt64 = 0

    package init() {}
  }

  /// 0 until `BPFStatistics` counts.
  package func cost() -> Cost {
    var sum = Cost()
    for program in programs {
      var (nanoseconds, runs) = (UInt64(0), UInt64(0))
      guard unsafe rxtune_bpf_statistics(program.program, &nanoseconds, &runs) == 0 else {
        continue
      }
      sum.nanoseconds &+= nanoseconds
      sum.runs &+= runs
    }
    return sum
  }

  // MARK: - Maps

  private func map(_ name: String) -> (descriptor: Int32, map: BPFObject.Map)? {
    guard let open = maps.first(where: { $0.name == name }),
      let map = object.maps.first(where: { $0.name == name })
    else { return nil }
    return (open.descriptor, map)
  }

  /// For another process to put entries into.
  package func descriptor(of name: String) -> Int32? { map(name)?.descriptor }

  package func put(_ key: [UInt8], _ value: [UInt8], in name: String) throws(KernelError) {
    guard let (descriptor, map) = map(name), key.count == map.keySize, value.count == map.valueSize
    else { throw KernelError("write", "BPF map \(name)", .invalid) }
    let code = unsafe rxtune_bpf_update(descriptor, key, value)
    guard code == 0 else { throw Self.error("write", "BPF map \(name)", code) }
  }

  /// The counters of a map of one entry for each CPU, summed over all possible CPUs.
  package func sums(in name: String, cpus: Int) -> [UInt64] {
    guard let (descriptor, map) = map(name) else { return [] }
    let count = Int(map.valueSize) / 8
    var values = [UInt64](repeating: 0, count: count * max(1, cpus))
    var key: UInt32 = 0
    guard unsafe rxtune_bpf_look_up(descriptor, &key, &values) == 0 else { return [] }
    return (0..<count).map { index in
      (0..<max(1, cpus)).reduce(0) { $0 &+ values[$1 * count + index] }
    }
  }

  /// The value of a key, or nil.
  package func value(of key: [UInt8], in name: String) -> [UInt8]? {
    guard let (descriptor, map) = map(name), key.count == map.keySize else { return nil }
    var value = [UInt8](repeating: 0, count: Int(map.valueSize))
    return unsafe rxtune_bpf_look_up(descriptor, key, &value) == 0 ? value : nil
  }

  /// All of a hash map.
  package func entries(in name: String) -> [(key: [UInt8], value: [UInt8])] {
    guard let (descriptor, map) = map(name) else { return [] }
    var entries: [(key: [UInt8], value: [UInt8])] = []
    var key: [UInt8]?
    var next = [UInt8](repeating: 0, count: Int(map.keySize))
    // A map that changes meanwhile may begin again from the front.
    for _ in 0..<map.entries {
      let code: Int32
      if let key {
        code = unsafe rxtune_bpf_next_key(descriptor, key, &next)
      } else {
        code = unsafe rxtune_bpf_next_key(descriptor, nil, &next)
      }
      guard code == 0 else { break }
      if let value = value(of: next, in: name) { entries.append((next, value)) }
      key = next
    }
    return entries
  }

  /// The reader of a ring; one for each.
  package func ring(_ name: String) throws(KernelError) -> BPFRing {
    guard let (descriptor, map) = map(name) else {
      throw KernelError("map", "BPF ring \(name)", .noEntry)
    }
    var ring = unsafe rxtune_bpf_ring()
    let code = unsafe rxtune_bpf_open_ring(descriptor, Int(map.entries), &ring)
    guard code == 0 else { throw Self.error("map", "BPF ring \(name)", code) }
    return unsafe BPFRing(ring)
  }
}

/// Counts what all BPF programs of the host cost, while it is there (BPF_ENABLE_STATS, since 5.8;
/// CAP_SYS_ADMIN). It adds two readings of the clock to each run.
package final class BPFStatistics {
  private let descriptor: Descriptor

  /// nil where this process may not.
  package init?() {
    let code = rxtune_bpf_enable_statistics()
    guard code >= 0 else { return nil }
    descriptor = Descriptor(adopting: code)
  }
}

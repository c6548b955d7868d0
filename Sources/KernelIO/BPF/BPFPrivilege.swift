/// The capabilities that programs on tracepoints need (capabilities(7)): CAP_BPF and CAP_PERFMON,
/// or CAP_SYS_ADMIN, which holds both.
package enum BPFPrivilege: Int, CaseIterable, Sendable {
  case performanceMonitoring = 38
  case bpf = 39

  private static let administration = 21

  package var name: String {
    switch self {
    case .performanceMonitoring: "CAP_PERFMON"
    case .bpf: "CAP_BPF"
    }
  }

  /// Those that this process lacks; nil where the kernel does not tell.
  package static func missing(_ kernel: some Kernel) -> [BPFPrivilege]? {
    guard let text = try? kernel.text(.proc("self/status")) else { return nil }
    return missing(status: text)
  }

  static func missing(status: String) -> [BPFPrivilege]? {
    guard
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
      let word = line.split(whereSeparator: { $0 == "\t" || $0 == " " }).last,
      let effective = UInt64(word, radix: 16)
    else { return nil }
    func has(_ number: Int) -> Bool { effective >> UInt64(number) & 1 == 1 }
    return has(administration) ? [] : allCases.filter { !has($0.rawValue) }
  }
}

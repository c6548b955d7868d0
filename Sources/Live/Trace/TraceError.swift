package import KernelIO

/// Why nothing can be traced, in a sentence, with what to try.
package struct TraceError: Error, CustomStringConvertible {
  package let description: String
  /// What `bpf(2)` refused.
  package let cause: KernelError?

  /// What the programs need is not there.
  init(_ description: String) {
    self.description = description
    cause = nil
  }

  /// A refusal of `bpf(2)`; where it is for want of privilege, with the capabilities that lack.
  package init(_ error: KernelError, _ kernel: some Kernel) {
    cause = error
    guard error.kind == .needsPrivilege else {
      description = "\(error.description). Nothing is attached."
      return
    }
    let missing = BPFPrivilege.missing(kernel) ?? []
    let names = missing.map(\.name).joined(separator: " and ")
    description =
      missing.isEmpty
      ? """
      \(error.description), though this process has CAP_BPF and CAP_PERFMON. Nothing is attached. \
      Check kernel lockdown: cat /sys/kernel/security/lockdown
      """
      : """
      this process lacks \(names) (\(error.errno?.description ?? "EPERM")). Nothing is attached. \
      Run it as root, with sudo.
      """
  }
}

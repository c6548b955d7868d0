import CKernel

/// What this machine's CPUs say of who runs them.
package enum Hypervisor {
  /// The name that it gives itself; nil without one, and of CPUs that have no CPUID (arm64).
  package static let name: String? = {
    var letters = [CChar](repeating: 0, count: 13)
    guard unsafe rxtune_hypervisor(&letters) != 0 else { return nil }
    return String(decoding: letters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }()

  /// QEMU's emulator (target/i386/cpu.c): every instruction is translated, and costs alike whatever
  /// memory it touches.
  package static var isEmulator: Bool { name == "TCGTCGTCGTCG" }
}

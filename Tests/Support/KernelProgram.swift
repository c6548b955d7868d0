import CNamespace
import Glibc

/// A BPF program in the kernel, by its id.
package enum KernelProgram {
  /// Those that a process holds, as /proc tells of its descriptors.
  package static func ids(ofProcess process: Int) throws -> [UInt32] {
    try Shell.run(
      "cat /proc/\(process)/fdinfo/* 2>/dev/null | awk '$1 == \"prog_id:\" { print $2 }'"
    )
    .split(separator: "\n").compactMap { UInt32($0) }
  }

  package static func isLoaded(_ id: UInt32) -> Bool { rxtune_program_is_loaded(id) != 0 }
}

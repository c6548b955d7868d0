package import KernelIO
package import Knobs
import Netlink

/// Files that hold one value.
extension Kernel {
  package func integer(_ path: KernelPath) throws(KernelError) -> Int {
    let text = try text(path)
    guard let value = Int(text) else {
      throw KernelError(
        path.description, DecodeError(path.description, offset: 0, "\"\(text)\" is not a number"))
    }
    return value
  }

  /// A sysctl, by the name that sysctl(8) gives it.
  package func sysctl(_ name: String) throws(KernelError) -> String {
    try text(.proc("sys/" + String(name.map { $0 == "." ? "/" : $0 })))
  }

  package func cpus(_ path: KernelPath, as spelling: CPUSpelling) throws(KernelError) -> CPUSet {
    let text = try text(path)
    let cpus =
      switch spelling {
      case .list: CPUSet(list: text)
      case .mask: CPUSet(mask: text)
      }
    guard let cpus else {
      throw KernelError(
        path.description,
        DecodeError(
          path.description, offset: 0, "\"\(text)\" is not a \(spelling.rawValue) of CPUs"))
    }
    return cpus
  }
}

/// How a file writes CPUs: "0-3,8", or "10f".
package enum CPUSpelling: String, Sendable { case list, mask }

import Glibc
import KernelIO

/// Programs that rxtune alone starts, and that are built or installed apart from it.
enum Libexec {
  static func path(of program: String, _ kernel: some Kernel) throws(BenchError) -> String {
    let executable: String
    do { executable = try kernel.readLink(.proc("self/exe")) } catch {
      throw BenchError("\(error)")
    }
    let named = unsafe getenv("RXTUNE_LIBEXEC").map { unsafe String(cString: $0) }
    let folders = folders(executable: executable, named: named)
    for path in folders.map({ "\($0)/\(program)" }) where unsafe access(path, X_OK) == 0 {
      return path
    }
    throw BenchError(
      "\(program) is not in \(folders.joined(separator: " or "))",
      hint: "install it, or build it with make libexec")
  }

  /// Where it is looked for: in the one that is named, or beside rxtune, in a build's folder, and where
  /// `make install` puts it.
  static func folders(executable: String, named: String?) -> [String] {
    if let named, !named.isEmpty { return [named] }
    let parents = executable.split(separator: "/").dropLast()
    let folder = { (parts: ArraySlice<Substring>) in parts.reduce("") { $0 + "/" + $1 } }
    return [folder(parents), folder(parents.dropLast()) + "/libexec/rxtune"]
  }
}

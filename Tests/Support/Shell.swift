import Glibc

/// Runs shell commands, from the calling thread and so in its namespaces.
package enum Shell {
  package struct Result: Equatable {
    package var status: Int32
    /// Standard output and error together.
    package var output: String
  }

  package static func result(_ command: String) throws -> Result {
    guard let pipe = unsafe popen("exec 2>&1; " + command, "r") else {
      throw Failure(description: "no shell: errno \(errno)")
    }
    var output: [UInt8] = []
    while true {
      let byte = unsafe getc(pipe)
      if byte == EOF { break }
      output.append(UInt8(truncatingIfNeeded: byte))
    }
    let status = unsafe pclose(pipe)
    // WEXITSTATUS; a signal counts as a failure of its own.
    let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    return Result(status: code, output: String(decoding: output, as: UTF8.self))
  }

  /// What a command prints.
  ///
  /// - Throws: where it fails, what it printed.
  @discardableResult
  package static func run(_ command: String) throws -> String {
    let result = try result(command)
    guard result.status == 0 else {
      throw Failure(description: "\(command): \(result.status): \(result.output)")
    }
    return result.output
  }

  /// Whether such a program is installed.
  package static func has(_ program: String) -> Bool {
    (try? result("command -v \(program)").status) == 0
  }

  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }
}

/// Programs of this package, next to the tests.
package enum Program {
  package static var rxtune: String { directory + "/rxtune" }

  /// Prometheus' checks, where Tests/promtool.sh put them or as installed; nil where there are none.
  package static let promtool: String? = {
    let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
    return ["\(root)/.build/tools/promtool", "promtool"].first(where: Shell.has)
  }()

  private static var directory: String {
    var target = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &target, target.count)
    let path = String(
      decoding: target.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
  }
}

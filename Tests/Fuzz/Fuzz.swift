import CFuzz
import Glibc

/// `rxtune-fuzz`: libFuzzer over one target.
///
///     rxtune-fuzz list                      names the targets
///     rxtune-fuzz seeds TARGET DIRECTORY    writes what to begin with
///     rxtune-fuzz run TARGET [libFuzzer's arguments]
@main struct Fuzz {
  /// Set once, before the first run.
  nonisolated(unsafe) static var target = FuzzTarget.netlink

  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "list":
      for target in FuzzTarget.all { print(target.name) }
    case "seeds" where arguments.count == 3:
      try write(try named(arguments[2]).seeds(), into: arguments[3])
    case "run" where arguments.count >= 2:
      unsafe target = try named(arguments[2])
      drive([CommandLine.arguments[0]] + arguments.dropFirst(2))
    default:
      throw Usage(description: "usage: rxtune-fuzz list | seeds TARGET DIR | run TARGET [ARG…]")
    }
  }

  private static func named(_ name: String) throws -> FuzzTarget {
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
      throw Usage(description: "no target '\(name)'")
    }
    return target
  }

  private static func write(_ seeds: [[UInt8]], into directory: String) throws {
    for (index, seed) in seeds.enumerated() {
      let path = "\(directory)/seed-\(index)"
      guard let file = unsafe fopen(path, "w") else {
        throw Usage(description: "\(path): \(unsafe String(cString: strerror(errno)))")
      }
      _ = unsafe seed.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
      unsafe fclose(file)
    }
  }

  private static func drive(_ arguments: [String]) {
    // libFuzzer keeps them: they live as long as the process.
    var pointers: [UnsafeMutablePointer<CChar>?] =
      unsafe arguments.map { unsafe strdup($0) } + [nil]
    unsafe pointers.withUnsafeMutableBufferPointer { list in
      var count = Int32(arguments.count)
      var start = list.baseAddress
      exit(unsafe LLVMFuzzerRunDriver(&count, &start, fuzzOne))
    }
  }
}

private struct Usage: Error, CustomStringConvertible { var description: String }

/// Also the entry that libFuzzer's own main wants to link to.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  unsafe Fuzz.target.run([UInt8](UnsafeBufferPointer(start: data, count: size)))
  return 0
}

import ArgumentParser
import KernelIO
import Tuning

/// Where a profile is saved: by name in the library, or in a file.
struct ProfileFile {
  /// "-" is standard output.
  let path: String
  private let isOfLibrary: Bool

  init(_ name: String) throws {
    isOfLibrary = !(name.contains("/") || name == "-" || name.hasSuffix(".yaml"))
    guard !isOfLibrary || Self.isName(name) else {
      throw ValidationError("a profile's name has letters, digits, '-' and '_' only")
    }
    path = isOfLibrary ? "\(ProfileLibrary.directory)/\(name).yaml" : name
  }

  func write(_ text: String, replacing: Bool) throws {
    if isOfLibrary { try LocalDirectory.make(ProfileLibrary.directory) }
    if !replacing, path != "-", LocalFile.exists(path) {
      throw Failure("\(path) is there already: --force replaces it")
    }
    try LocalFile.write(path, Array(text.utf8))
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// The name that a profile of this file has.
  var stem: String {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    return last == "-" ? "saved" : String(last.prefix { $0 != "." })
  }
}

import Foundation
import Testing

/// What these tests need of the machine that they run on.
enum Machine {
  static func has(_ tool: String) -> Bool {
    ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"].contains {
      FileManager.default.isExecutableFile(atPath: $0 + tool)
    }
  }

  /// Runs a command and returns what it wrote; a failure of the command fails the test.
  static func run(_ command: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(command.joined(separator: " "))")
    return String(decoding: data, as: UTF8.self)
  }

  static func json(_ text: String) throws -> [[String: Any]] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
  }
}

/// Every prefix decodes, or throws what `decode` throws: it must never trap.
func everyPrefix(_ bytes: [UInt8], _ decode: ([UInt8]) throws -> Void) -> (whole: Int, cut: Int) {
  var outcome = (whole: 0, cut: 0)
  for count in 0...bytes.count {
    do {
      try decode(Array(bytes[..<count]))
      outcome.whole += 1
    } catch {
      outcome.cut += 1
    }
  }
  return outcome
}

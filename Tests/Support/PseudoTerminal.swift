import CNamespace
import Glibc

/// A terminal of the kernel's, pty(7), which nothing stands between: script(1) loses what a command
/// printed where the machine is busy.
package enum PseudoTerminal {
  /// What a shell command prints on it, standard output and error, up to the 4 KiB that it holds.
  package static func output(of command: String) throws -> String {
    var name = [CChar](repeating: 0, count: 64)
    let control = unsafe rxtune_open_terminal(&name, name.count)
    guard control >= 0 else { throw Shell.Failure(description: "no terminal: errno \(-control)") }
    defer { close(control) }
    let path = String(
      decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    // Held until the command has ended: what it printed is lost with nobody at that end.
    let end = unsafe open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard end >= 0 else { throw Shell.Failure(description: "\(path): errno \(errno)") }
    _ = try Shell.result("{ \(command)\n} <\(path) >\(path) 2>&1")
    close(end)
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      // EIO once all of it was read.
      let count = unsafe read(control, &buffer, buffer.count)
      guard count > 0 else { break }
      output += buffer.prefix(count)
    }
    return String(decoding: output, as: UTF8.self)
  }
}

import CNamespace
import Glibc

/// A terminal of the kernel's, pty(7), which nothing stands between: script(1) loses what a command
/// printed where the machine is busy.
package enum PseudoTerminal {
  /// What a shell command prints on it, standard output and error.
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
    guard let process = unsafe popen("{ \(command)\n} <\(path) >\(path) 2>&1", "r") else {
      close(end)
      throw Shell.Failure(description: "no shell: errno \(errno)")
    }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    var ends = unsafe [
      pollfd(fd: control, events: Int16(POLLIN), revents: 0),
      pollfd(fd: fileno(process), events: Int16(POLLIN), revents: 0),
    ]
    // Its own pipe has an end with the command.
    while ends[1].revents == 0 {
      if unsafe poll(&ends, 2, -1) < 0 && errno != EINTR { break }
      if ends[0].revents != 0 {
        let count = unsafe read(control, &buffer, buffer.count)
        if count > 0 { output += buffer[..<count] }
      }
    }
    unsafe pclose(process)
    close(end)
    while true {
      // EIO once all of it was read.
      let count = unsafe read(control, &buffer, buffer.count)
      guard count > 0 else { break }
      output += buffer[..<count]
    }
    return String(decoding: output, as: UTF8.self)
  }
}

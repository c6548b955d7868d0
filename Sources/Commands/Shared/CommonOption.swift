import ArgumentParser
import KernelIO

/// An option that every command takes, wherever it stands before "--".
///
/// These are taken out of the command line before it is parsed: as options of each command they
/// would cost the start of each.
package struct CommonOption: Sendable {
  /// "--color"; a short one, too, where there is one.
  package let names: [String]
  /// What it takes; nil of a flag.
  package let valueName: String?
  package let summary: String
  private let use: @Sendable (String) throws -> Void

  package static let all = [
    CommonOption(
      names: ["-q", "--quiet"], valueName: nil,
      summary: "Print no notes, warnings or progress; errors remain."
    ) { _ in Console.set(.quiet) },
    CommonOption(
      names: ["--color"], valueName: "when",
      summary: """
        Colour what drifted, what is impossible and what was dropped: auto (on a terminal), always \
        or never. (default: auto)
        """
    ) { when in
      switch when {
      case "auto": break
      case "always": Console.set(.colour)
      case "never": Console.set(.noColour)
      default: throw ValidationError("--color '\(when)': use auto, always or never")
      }
    },
    CommonOption(
      names: ["--trace-kernel"], valueName: "file",
      summary: """
        Write all that passes between rxtune and the kernel to this new file, for a bug report. It \
        holds addresses.
        """
    ) { try traceKernel(into: $0) },
  ]

  private static func traceKernel(into path: String) throws(KernelError) {
    let file = try AppendedFile(creating: path)
    let host = Capture.Host.current(rxtuneVersion: Release.version)
    let command = KernelTrace.readable(
      Array(CommandLine.arguments.joined(separator: " ").utf8))
    let head = """
      # \(Release.summary), Linux \(host.kernelRelease) \(host.machine), \(host.date), user \
      \(host.userID)
      # \(command)

      """
    try file.append(Array(head.utf8))
    KernelTrace.start { bytes in
      do throws(KernelError) { try file.append(bytes) } catch {
        // A full disk ends the trace, and nothing else.
        Console.report(.warning, "the trace ends here: \(error)")
        return false
      }
      return true
    }
  }

  /// Does what they ask for, and leaves the rest.
  ///
  /// - Throws: `ValidationError` where one of them lacks what it takes, or takes something else.
  static func take(from arguments: inout [String]) throws {
    // What a shell asks for completions holds another's command line.
    guard arguments.first?.hasPrefix("---") != true else { return }
    var rest: [String] = []
    var words = arguments[...]
    while let word = words.popFirst() {
      guard word != "--" else {
        rest += [word] + words
        break
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts.first.map(String.init) ?? ""
      guard let option = all.first(where: { $0.names.contains(name) }) else {
        rest.append(word)
        continue
      }
      guard let valueName = option.valueName else {
        guard parts.count == 1 else { throw ValidationError("\(name) takes no value") }
        try option.use("")
        continue
      }
      let value = parts.count > 1 ? String(parts[1]) : words.popFirst()
      guard let value, !value.isEmpty else {
        throw ValidationError("\(name) takes a value: \(name) <\(valueName)>")
      }
      try option.use(value)
    }
    arguments = rest
  }
}

import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Rendering
import Tuning

struct CaptureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture",
    abstract: "Record this host, to run reading commands on it elsewhere.",
    discussion: """
      Writes every question that a full read of the host asks, with the kernel's answers, to one \
      text file: all devices, all knobs, all sockets. Every reading command takes this file with \
      --from and answers as it would have here.

      Read through the file before you share it. --redact replaces each MAC and IP address \
      consistently, so that equal addresses stay equal.

      Examples:
        rxtune capture --redact db7.capture
            Record this host, with addresses masked.
        rxtune get rings eth0 --from db7.capture
            Read ring sizes from the recording.
      """)

  @Argument(help: "File to write; - is standard output.", completion: .file())
  var file: String

  @Flag(name: .long, help: "Mask MAC and IP addresses.")
  var redact = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if json && file == "-" { throw ValidationError("--json needs a file: - prints the capture") }
  }

  func run() throws {
    let whole = try Self.record(LiveKernel())
    let capture = redact ? try whole.redacted() : whole
    let bytes = capture.write()
    guard bytes.count <= LocalFile.Content.capture.limit else {
      throw Failure(
        "this host's record is \(bytes.count >> 20) MiB, and \(LocalFile.Content.capture.bound). "
          + "Nothing was written.")
    }
    try LocalFile.write(file, bytes)
    if file != "-" {
      let summary = CaptureSummary(
        file: file, exchanges: capture.exchanges.count, bytes: bytes.count, isRedacted: redact)
      try print(summary, as: OutputFormat(json: json))
    }
  }

  static func record(_ kernel: any Kernel) throws -> Capture {
    let recorder = Recorder(kernel, host: .current(rxtuneVersion: Release.version))
    try HostSettings(Host(recorder)).readEverything()
    IRQBalance.record(recorder, of: kernel)
    return recorder.capture
  }
}

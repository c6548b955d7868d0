import ArgumentParser
import Diagnosis
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

      With --for, the file holds the host at two moments, and rxtune doctor sees what grew in \
      between. All other commands read the first.

      Examples:
        rxtune capture --redact db7.capture
            Record this host, with addresses masked.
        rxtune capture --for 10s db7.capture
            Record this host twice, ten seconds apart, for rxtune doctor.
        rxtune get rings eth0 --from db7.capture
            Read ring sizes from the recording.
      """)

  @Argument(help: "File to write; - is standard output.", completion: .file())
  var file: String

  @Flag(name: .long, help: "Mask MAC and IP addresses.")
  var redact = false

  @Option(
    name: .customLong("for"), time: "Record a second moment after this time, such as 10s.")
  var duration: Span?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if let duration, duration.seconds < Examination.shortest {
      throw ValidationError("--for takes 1s or more: less is a burst, not a rate")
    }
    if json && file == "-" { throw ValidationError("--json needs a file: - prints the capture") }
  }

  func run() throws {
    var moments = [try Self.record(LiveKernel())]
    if let duration {
      Snapshots.wait(duration)
      moments.append(try Self.recordLater(LiveKernel()))
    }
    if redact { moments = try Capture.redacted(moments) }
    let bytes = moments.flatMap { $0.write() }
    guard bytes.count <= LocalFile.Content.capture.limit else {
      throw Failure(
        "this host's record is \(bytes.count >> 20) MiB, and \(LocalFile.Content.capture.bound). "
          + "Nothing was written.")
    }
    try LocalFile.write(file, bytes)
    if file != "-" {
      let summary = CaptureSummary(
        file: file, exchanges: moments.reduce(0) { $0 + $1.exchanges.count }, bytes: bytes.count,
        isRedacted: redact)
      try print(summary, as: OutputFormat(json: json))
    }
  }

  /// The host once more: what `doctor` compares.
  static func recordLater(_ kernel: any Kernel) throws -> Capture {
    let recorder = Recorder(kernel, host: .current(rxtuneVersion: Release.version))
    let host = Host(recorder)
    let links = try host.links()
    _ = host.chosen(links, named: [])
    _ = host.snapshot(of: links, isWhole: true)
    return recorder.capture
  }

  static func record(_ kernel: any Kernel) throws -> Capture {
    let recorder = Recorder(kernel, host: .current(rxtuneVersion: Release.version))
    try HostSettings(Host(recorder)).readEverything()
    IRQBalance.record(recorder, of: kernel)
    return recorder.capture
  }
}

import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Tuning

struct CaptureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture",
    abstract: "Record this host, to run reading commands on it elsewhere.",
    discussion: """
      Writes every question that a full look at the host asks, with the kernel's answers, into one \
      text file: all devices, all knobs, all sockets. Any reading command takes it with --from, \
      and answers as it would have here.

      Look through the file before you hand it on. --redact masks MAC and IP addresses, each by a \
      stand-in of its own, so that equal ones stay equal.

      Examples:
        rxtune capture --redact db7.capture
            Record this host, without its addresses.
        rxtune get rings eth0 --from db7.capture
            Ask the record.
      """)

  @Argument(help: "File to write; - is standard output.", completion: .file())
  var file: String

  @Flag(name: .long, help: "Mask MAC and IP addresses.")
  var redact = false

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
      Console.complain("\(file): \(capture.exchanges.count) exchanges with the kernel")
    }
  }

  static func record(_ kernel: any Kernel) throws -> Capture {
    let recorder = Recorder(kernel, host: .current(rxtuneVersion: Release.version))
    try Host(recorder).readEverything()
    IRQBalance.record(recorder, of: kernel)
    return recorder.capture
  }
}

extension Host {
  /// Asks all that any reading command asks, in the order in which they ask it.
  func readEverything() throws {
    let links = try self.links()
    _ = chosen(links, named: [])
    _ = snapshot(of: links)
    let names = links.map(\.name)
    let answers = SharedAnswers()
    for knob in Knob.catalogue {
      // What cannot be listed or read is recorded as such.
      let targets = (try? self.targets(of: knob, on: names, sharing: answers)) ?? []
      for target in targets {
        _ = reading(of: knob, at: target, sharing: answers)
        _ = isReadOnly(knob, at: target)
      }
    }
    _ = systemHashKey()
    // What plans stand on.
    let settings = HostSettings(self)
    for name in names { _ = settings.ground(name) }
  }
}

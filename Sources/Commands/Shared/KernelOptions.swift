import ArgumentParser
import KernelIO
import ReceivePath

/// Which host a reading command looks at: this one, or a recorded one.
struct KernelOptions: ParsableArguments {
  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Read a recorded host (see rxtune-capture) instead of this machine; - is standard input.",
      valueName: "capture"),
    completion: .file())
  var capture: String?

  func host() throws -> Host {
    guard let capture else { return Host(LiveKernel()) }
    let bytes = try LocalFile.read(capture, as: .capture)
    do { return Host(ReplayKernel(try Capture.parse(bytes))) } catch {
      throw Failure("\(capture): \(error)")
    }
  }
}

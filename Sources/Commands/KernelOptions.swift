import ArgumentParser
import KernelIO
import ReceivePath

/// Which host a reading command looks at: this one, or a recorded one.
struct KernelOptions: ParsableArguments {
  @Option(
    name: .customLong("from"),
    help: ArgumentHelp("Read a recorded host instead of this machine.", valueName: "capture"),
    completion: .file())
  var capture: String?

  func host() throws -> Host {
    Host(LiveKernel())
  }
}

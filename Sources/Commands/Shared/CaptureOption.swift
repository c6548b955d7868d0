import ArgumentParser
import KernelIO
import ReceivePath
import Rendering

// Each reading command declares `--from` itself: as a group of options it would cost the start of
// every command a dozen look-ups of types, two of its fourteen million instructions.
extension ArgumentHelp {
  /// Of `--from`.
  static let capture = ArgumentHelp(
    "Read a recorded host (see rxtune-capture) instead of this machine; - is standard input.",
    valueName: "capture")
}

extension Host {
  /// This machine, or the one that a capture recorded; "-" is standard input.
  static func from(_ capture: String?) throws -> Host {
    guard let capture else { return Host(LiveKernel()) }
    let bytes = try LocalFile.read(capture, as: .capture)
    do { return Host(ReplayKernel(try Capture.parse(bytes))) } catch {
      throw Failure("\(capture): \(error)", .badFile)
    }
  }
}

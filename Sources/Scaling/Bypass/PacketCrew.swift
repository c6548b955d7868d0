import KernelIO

/// Those who serve for a `PacketServer`: threads, or processes.
protocol PacketCrew: AnyObject {
  /// The program at the device that brings the packets; nil where there is none.
  var attachment: XDPAttachment? { get }
  func start() throws(BenchError)
  /// What each has counted so far, also after its end.
  var counts: [PacketCounts] { get }
  /// In all their lives; of threads, once they have stopped.
  var usage: ProcessUsage { get }
  /// Is that usage of processes other than this one?
  var isApart: Bool { get }
  /// Readable once one has ended before its time.
  var failedEvent: Int32 { get }
  var failure: BenchError? { get }
  /// What could not be given back as it was, once it has stopped.
  var losses: [String] { get }
  /// Within a tenth of a second, and takes everything off the device.
  func stop()
}

extension PacketCrew {
  var losses: [String] { [] }
}

extension BenchError {
  static func gone(_ device: String, _ code: Int32) -> BenchError {
    BenchError("\(device) has gone, or was taken down", Errno(rawValue: code))
  }
}

import Glibc
import KernelIO
import ReceivePath
import TestSupport

/// `rxtune show --from` on recorded hosts of growing size: time and memory must grow with the
/// host, not with its square.
func measureGrowth(_ rxtune: String) throws {
  print("")
  print("rxtune show --json --from CAPTURE of a generated host, median of 7 [quartiles]:")
  var previous: Double?
  for scale in [1, 2, 4] {
    let shape = SyntheticHost.Shape(
      cpus: 512, nodes: 2, devices: 4 * scale, queues: 128, listeners: 2500 * scale,
      otherIRQs: 512 * scale)
    let file = "/tmp/rxtune-bench-\(getpid()).capture"
    defer { unsafe unlink(file) }
    let size = try record(shape, file)
    let runs = (0..<7).map { _ in Child.run([rxtune, "show", "--json", "--from", file]) }
    guard runs.allSatisfy({ $0.status == 0 }) else { throw Broken("show --from failed") }
    let seconds = Samples(runs.map(\.seconds))
    let memory = runs.map(\.peakKiB).max() ?? 0
    let growth = previous.map { ", \(Samples([seconds.median / $0]).text().prefix(4))× the half" }
    previous = seconds.median
    print(
      """
        \(shape.cpus) CPUs, \(shape.devices * shape.queues + shape.otherIRQs) IRQs, \
      \(shape.devices)×\(shape.queues) queues, \(shape.listeners) listeners, \
      \(size >> 20) MiB: \(seconds.text(scale: 1000)) ms, peak \(memory >> 10) MiB\(growth ?? "")
      """)
  }
  print("  (goal: twice the host in at most 2.2 times the time)")
}

/// Records a full `show` of such a host; the capture's size in bytes.
private func record(_ shape: SyntheticHost.Shape, _ file: String) throws -> Int {
  let recorder = Recorder(SyntheticHost(shape), host: .current(rxtuneVersion: "0"))
  let host = Host(recorder)
  _ = host.snapshot(of: try host.links())
  let bytes = recorder.capture.write()
  try LocalFile.write(file, bytes)
  return bytes.count
}

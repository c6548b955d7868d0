import Glibc
import KernelIO
import Testing

@testable import Rendering
@testable import Tuning

/// Each built-in profile on each machine gives the plan that stands in Plans/, word for word.
///
/// RXTUNE_RECORD=1 writes them anew; the difference is then for a person to read.
@Suite struct PlanGoldenTests {
  private static let directory =
    #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/Plans"

  @Test(arguments: ProfileLibrary.builtIn.map(\.name))
  func plansAsRecorded(_ profile: String) throws {
    let requests = try ProfileLibrary(directory: "/nonexistent").profile(profile).requests
    var text = ""
    for shape in SimulatedHost.Shape.all {
      let host = SimulatedHost(shape)
      let plan = host.planner.plan(requests, devices: [SimulatedHost.device])
      text += "# \(shape)\n" + plan.lines.joined(separator: "\n") + "\n\n"
    }
    let path = "\(Self.directory)/\(profile).txt"
    if unsafe getenv("RXTUNE_RECORD") != nil {
      try LocalDirectory.make(Self.directory)
      try LocalFile.write(path, Array(text.utf8))
    }
    let golden = String(decoding: try LocalFile.read(path), as: UTF8.self)
    #expect(text == golden)
  }
}

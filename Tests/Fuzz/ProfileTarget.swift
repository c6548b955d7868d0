import KernelIO
import ReceivePath
import Tuning

extension FuzzTarget {
  /// A profile, from its bytes to the plan that it makes of a recorded host: the first byte chooses
  /// the host.
  static let profile = FuzzTarget(name: "profile", seeds: { profileSeeds() }) { bytes in
    guard let first = bytes.first else { return }
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    let profile: Profile
    do throws(ProfileError) {
      profile = try ProfileParser.parse(text, file: "fuzz.yaml")
    } catch {
      precondition(
        error.position.map { $0.line > 0 && $0.column > 0 } ?? false, "an error without a place")
      return
    }
    precondition(!profile.requests.isEmpty, "a profile without settings")
    let host = Host(ReplayKernel(recorded[Int(first) % recorded.count]))
    guard let links = try? host.links() else { return }
    let settings = HostSettings(host)
    let plan = Planner(settings)
      .plan(profile.requests, devices: links.map(\.name))
    for change in plan.changes {
      precondition(change.old != change.setting.value, "a change that changes nothing")
    }
  }

  private static func profileSeeds() -> [[UInt8]] {
    let written = [
      "name: a\nsummary: b\nsettings:\n  coalesce.rx-usecs: 8\n",
      """
      settings:
        queue.rps-cpus:
          rx-0: 1-3
          rx-1: none
        irq.smp-affinity: {value: spread, why: "a b", source: c, required: true}
        rss.indirection: equal 2 from 1
        rss.contexts: 1 equal 2; 3 0*64,1*64
        flow-rules: "@7 tcp4 dst-port 80 queue 3"
        features.rx-gro: off
        net.ipv4.tcp_rmem: 4096 131072 6291456
        channels.combined: max
      """,
    ]
    let builtIn = ProfileLibrary.builtIn.compactMap { try? $0.text() }
    return (builtIn + written).map { [0] + Array($0.utf8) }
  }
}

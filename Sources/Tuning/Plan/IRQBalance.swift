package import KernelIO
import Knobs
import ReceivePath

/// irqbalance(1), the daemon that places interrupts anew every ten seconds.
package enum IRQBalance {
  /// What to do about it where a change places interrupts.
  package enum Handling: String, CaseIterable, Sendable {
    case refuse, ignore, ban
  }

  /// Its process id where it runs.
  package static func pid(_ kernel: any Kernel) -> Int? {
    guard let names = try? kernel.list(.proc(".")) else { return nil }
    return names.lazy.compactMap { Int($0) }.first { pid in
      (try? kernel.text(.proc("\(pid)/comm"))) == "irqbalance"
    }
  }

  /// Lets a record of the host tell it too: of all processes' names, its own alone.
  package static func record(_ recorder: Recorder, of kernel: any Kernel) {
    guard let pid = pid(kernel) else { return }
    _ = try? recorder.list(.proc("."))
    _ = try? recorder.read(.proc("\(pid)/comm"))
  }

  /// What a plan that places interrupts must say about it.
  package static func caveat(
    _ plan: Plan, pid: @autoclosure () -> Int?, interrupts: @autoclosure () -> [Int],
    handling: Handling
  ) -> Caveat? {
    guard plan.changes.contains(where: { $0.setting.knob == .irqAffinity }),
      let pid = pid()
    else { return nil }
    let what = "irqbalance (pid \(pid)) is running, and will move the interrupts again"
    switch handling {
    case .ignore: return Caveat(.note, at: .host, what)
    case .refuse:
      return Caveat(
        .danger, at: .host, what,
        remedy:
          "Stop it, or keep it off these interrupts (--irqbalance=ban prints how), or ignore it "
          + "(--irqbalance=ignore).")
    case .ban:
      return Caveat(
        .note, at: .host, what,
        remedy: "Add to IRQBALANCE_ARGS in its configuration (/etc/default/irqbalance or "
          + "/etc/sysconfig/irqbalance), and restart it: \(arguments(interrupts()))")
    }
  }

  /// The same, of the machine that a plan is for.
  package static func caveats(
    _ plan: Plan, on settings: HostSettings, handling: Handling
  ) -> [Caveat] {
    let caveat = Self.caveat(
      plan, pid: pid(settings.host.kernel),
      interrupts: plan.devices.flatMap { settings.interrupts(ofQueues: $0).values },
      handling: handling)
    return caveat.map { [$0] } ?? []
  }

  /// Its options that ban interrupts.
  package static func arguments(_ interrupts: [Int]) -> String {
    interrupts.sorted().map { "--banirq=\($0)" }.joined(separator: " ")
  }
}

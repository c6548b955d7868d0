import KernelIO
import Knobs
import ReceivePath

/// What stands in the way of a value: that it is none, that the device or the kernel would not take
/// it, or that it would not do what it is for.
extension PlanDraft {
  // MARK: - Values as people write them

  /// - Parameter queues: how many the device is going to receive on; 0 where that is not known.
  mutating func parse(
    _ text: String, _ knob: Knob, at place: Place, _ bounds: Bounds, queues: Int
  ) -> KnobValue? {
    do {
      let value = try KnobValue.parse(text, for: knob, maximum: bounds.maximum)
      return isPossible(value, knob, at: place, queues: queues) ? value : nil
    } catch {
      // Beyond what the device reports nothing helps; beyond what is sane, --force does.
      let beyond = try? KnobValue.parse(text, for: knob, beyondRange: true)
      if let beyond, case .number(let number) = beyond, number <= bounds.maximum ?? .max,
        knob.hasRoom(for: number)
      {
        report(
          .danger, knob, at: place, "\(error.problem): \"\(text)\"",
          remedy: "The kernel may accept it: --force writes it anyway.")
        return beyond
      }
      report(.impossible, knob, at: place, "\"\(text)\" \(error.problem)")
      return nil
    }
  }

  /// Whether the queues that it leads to will be there; else it is reported.
  mutating func isPossible(
    _ value: KnobValue, _ knob: Knob, at place: Place, queues: Int
  ) -> Bool {
    func isBeyond(_ queue: some BinaryInteger) -> Bool { queues > 0 && queue >= queues }
    let has = "the device has \(queues) receive queues, from 0"
    var problems: [(text: String, remedy: String?)] = []
    switch value {
    case .table(let table):
      if let highest = table.highestQueue, isBeyond(highest) {
        problems.append(("\"\(table)\" leads to queue \(highest): \(has)", nil))
      }
    case .rules(let table):
      for rule in table.rules where isBeyond(rule.queue ?? 0) {
        problems.append(("\(rule.text): \(has)", nil))
      }
    case .contexts(let table):
      for context in table.contexts {
        guard let highest = context.table?.highestQueue, isBeyond(highest) else { continue }
        problems.append(("context \(context.name) leads to queue \(highest): \(has)", nil))
      }
      // None may go that a rule sends packets to.
      let kept = Set(table.contexts.compactMap(\.number))
      for rule in rules(at: place) {
        guard let context = rule.context, context != 0, !kept.contains(context) else { continue }
        problems.append(
          (
            "a rule sends packets to context \(context): \(rule.text)",
            "Delete it first: rxtune ntuple del \(place) \(rule.location)"
          ))
      }
    default: break
    }
    for problem in problems {
      report(.impossible, knob, at: place, problem.text, remedy: problem.remedy)
    }
    return problems.isEmpty
  }

  /// The flow rules that there are, and those that are wanted: contexts are written before either
  /// go or come.
  private func rules(at place: Place) -> [FlowRule] {
    let found = [try? settings.read(.flowRules, at: place)].compactMap(\.self)
    let wanted = requests.filter { $0.knob == .flowRules }.flatMap(\.values)
    return (found + wanted).flatMap { value -> [FlowRule] in
      if case .rules(let table) = value { table.rules } else { [] }
    }
  }

  // MARK: - Policies

  /// Says what a policy would have to know and does not, once a device.
  mutating func isUndecided(
    _ policy: Policy, _ request: Request, at place: Place, on device: PlannedDevice
  ) -> Bool {
    guard case .queue(_, let queue) = place.part,
      let unknown = policy.unknown(for: request.knob, device.placement, queue: queue)
    else { return false }
    report(
      request.isRequired ? .impossible : .note, request.knob, at: .device(device.name),
      "left alone: \(unknown)",
      remedy:
        "Find the interrupts in /proc/interrupts and set it by hand: rxtune set \(request.knob.id)=LIST \(device.name)"
    )
    return true
  }

  // MARK: - What the kernel keeps

  /// What cannot be written, by whoever.
  mutating func reportFixed(_ setting: Setting, _ old: KnobValue?, isRequired: Bool) {
    let now = old?.description ?? "what it is"
    let (text, remedy): (String, String?) =
      switch setting.knob.access {
      case .irqFile:
        (
          "stays at \(now): the kernel manages this interrupt, or its controller cannot "
            + "move it",
          "A managed interrupt's CPUs follow from the number of queues."
        )
      case .sysctl: ("read-only in this network namespace, now \(now)", nil)
      case .deviceFile, .queueFile, .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile,
        .feature, .link, .napi, .tunable, .queueCoalesce, .rss, .flowRules, .privateFlags:
        ("the driver fixes it at \(now)", nil)
      case .irqDefault, .cpuFile, .idleStates, .socketOption, .epollParameters, .latencyRequest,
        .derived:
        ("the kernel fixes it at \(now)", nil)
      }
    report(
      isRequired ? .impossible : .note, setting.knob, at: setting.place, text, remedy: remedy)
  }

  // MARK: - CPUs and channels

  mutating func checkCPUs(of setting: Setting, _ locality: Locality) {
    guard case .cpus(let cpus) = setting.value, setting.knob.unit == .cpus else { return }
    let (knob, place) = (setting.knob, setting.place)
    if !locality.online.isEmpty, !cpus.isSubset(of: locality.online) {
      let offline = cpus.subtracting(locality.online)
      let isOne = offline.count == 1
      let subject = "\(offline.named) \(isOne ? "is" : "are") offline"
      if knob.group == .irq, !cpus.intersection(locality.online).isEmpty {
        report(.note, knob, at: place, "\(subject) and \(isOne ? "gets" : "get") no interrupt")
      } else {
        report(
          .impossible, knob, at: place,
          "\(subject): the kernel drops \(isOne ? "it" : "them")",
          remedy: "Online CPUs: \(locality.online.list)." + Self.asMask(cpus, locality.online))
      }
    }
    let kept = cpus.intersection(locality.isolated)
    if knob == .rpsCPUs || knob == .rpsDefaultMask, !kept.isEmpty {
      // Since 5.9 rps_cpus is cut to the housekeeping CPUs (net/core/net-sysfs.c); before, RPS
      // interrupts what isolation is there to spare.
      report(
        .danger, knob, at: place,
        "CPU \(kept.list) is isolated (isolcpus= or nohz_full=): the kernel leaves it out of RPS",
        remedy: "Choose from CPUs \(locality.online.subtracting(locality.isolated).list).")
    }
    if knob == .irqAffinity, cpus.isEmpty {
      report(.impossible, knob, at: place, "an interrupt needs a CPU: the set is empty")
    }
  }

  /// A number beyond the host's CPUs may be a mask: " As a mask, 11 is CPUs 0,4."
  private static func asMask(_ cpus: CPUSet, _ online: CPUSet) -> String {
    guard cpus.count == 1, let mask = CPUSet(mask: cpus.list), !mask.isEmpty,
      mask.isSubset(of: online)
    else { return "" }
    return " As a mask, \(cpus.list) is the list \(mask.list)."
  }

  mutating func checkChannels(of device: PlannedDevice) {
    let (name, queues) = (device.name, device.queues)
    guard queues.areChanging,
      let knob = plan.changes.last(where: {
        $0.setting.knob.group == .channels && $0.setting.place == .device(name)
      })?.setting.knob
    else { return }
    if queues.rx == 0 || queues.tx == 0 {
      report(
        .impossible, knob, at: .device(name),
        "this leaves no \(queues.rx == 0 ? "receive" : "transmit") channel")
    }
    guard queues.rx < queues.rxBefore else { return }
    let remaining = queues.rx
    let leads: [(what: String, highest: Int?, knob: Knob?, remedy: String)] = [
      (
        "the RSS table uses", queues.hasDefaultTable ? nil : queues.highestInTable,
        .rssIndirection,
        "Shrink the table first: rxtune set rss.indirection=\"equal \(remaining)\" \(name)"
      ),
      (
        "an RSS context uses", queues.highestInContexts, .rssContexts,
        "Change it first: rxtune rss \(name) --context N --equal \(remaining), or --delete"
      ),
      (
        "a flow rule uses", queues.highestInRules, nil,
        "Delete it first: rxtune ntuple list \(name), rxtune ntuple del \(name) LOC"
      ),
    ]
    for (what, highest, table, remedy) in leads {
      guard let highest, highest >= remaining else { continue }
      if let table, requests.contains(where: { $0.knob == table }) {
        plan.tablesFirst.insert(name)
      } else {
        report(
          .impossible, knob, at: .device(name),
          "\(what) queue \(highest), and only \(remaining) remain",
          remedy: remedy)
      }
    }
  }
}

extension Knob {
  /// Whether the kernel's message can carry the number: most have 32 bits and no sign.
  func hasRoom(for number: Int64) -> Bool {
    switch access {
    case .ethtool, .link, .tunable, .queueCoalesce: UInt32(exactly: number) != nil
    case .napi: number >= 0
    case .sysctl, .deviceFile, .queueFile, .irqFile, .irqDefault, .cpuFile, .idleStates,
      .ethtoolFlag, .ethtoolChoice, .moderationProfile, .feature, .rss, .flowRules, .privateFlags,
      .socketOption, .epollParameters, .latencyRequest, .derived:
      true
    }
  }
}

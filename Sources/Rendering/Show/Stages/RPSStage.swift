import Knobs
import ReceivePath

extension StageSection {
  static let rps = StageSection { device, host in
    if let absence = device.sysfs { return [absence.reason.words] }
    let steered = device.paths.filter { $0.rpsCPUs.value?.isEmpty == false }
    let flows = device.paths.compactMap { $0.rpsFlowCount.value }.reduce(0) { $0 &+ $1 }
    let rps = steered.isEmpty ? "off" : "on for \(steered.count) of \(device.paths.count) queues"
    let rfs = flows == 0 ? "off" : "\(flows) flows in the queues' tables"
    let table = Words.of(host.rpsSockFlowEntries) { "\($0)" }
    return ["\(rps); RFS \(rfs), net.core.rps_sock_flow_entries \(table)"]
  }
}

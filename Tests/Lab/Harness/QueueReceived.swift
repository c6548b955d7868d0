/// What a receive queue took, from `ethtool -S` or `rxtune show --json`.
struct QueueReceived: Hashable {
  var packets = 0
  var bytes = 0

  static func byQueue(_ lines: [String]) -> [Int: QueueReceived] {
    var queues: [Int: QueueReceived] = [:]
    for line in lines {
      guard
        let match = line.firstMatch(of: #/^\s*rx_?(?:queue_)?(\d+)_(packets|bytes): (\d+)/#),
        let queue = Int(match.1), let count = Int(match.3)
      else { continue }
      let field = match.2 == "packets" ? \QueueReceived.packets : \.bytes
      queues[queue, default: QueueReceived()][keyPath: field] = count
    }
    return queues
  }

  static func byQueue(of device: String, _ shown: JSONFields) -> [Int: QueueReceived] {
    var queues: [Int: QueueReceived] = [:]
    let path = "devices.\(device).queue-paths"
    while let packets = shown["\(path).\(queues.count).rx-packets"].flatMap({ Int($0) }),
      let bytes = shown["\(path).\(queues.count).rx-bytes"].flatMap({ Int($0) })
    {
      queues[queues.count] = QueueReceived(packets: packets, bytes: bytes)
    }
    return queues
  }

  static func + (left: Self, right: Self) -> Self {
    Self(packets: left.packets + right.packets, bytes: left.bytes + right.bytes)
  }

  static func - (left: Self, right: Self) -> Self {
    Self(packets: left.packets - right.packets, bytes: left.bytes - right.bytes)
  }
}

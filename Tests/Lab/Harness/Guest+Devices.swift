import Foundation

extension Guest {
  /// The network devices, but for loopback.
  func devices() throws -> [String] {
    try shell("cd /sys/class/net; for d in */; do echo ${d%/}; done").split(separator: "\n")
      .map(String.init).filter { $0 != "lo" }
  }

  /// The device's place on its bus, which virtio's interrupts are named after; `none` without one.
  func virtioName(of device: String) throws -> String {
    try shell("basename $(readlink /sys/class/net/\(device)/device || echo none)")
  }

  /// Puts the lab's own NIC back as it was after the boot: no rules, no contexts, its defaults.
  func renewOwnNIC() throws {
    try shell(". /lab/own-nic")
  }

  /// Takes the topology's NIC up.
  func bringUp() throws {
    try shell("ip link set \(topology.device) up")
    if !topology.hasOwnNIC { try waitForLink(topology.device) }
  }

  /// Waits until `device` has a carrier, if it ever gets one. The carrier goes at once where a driver
  /// takes its link down; operstate, by the kernel's link watch, up to a second later.
  func waitForLink(_ device: String) throws {
    try shell(
      """
      cd /sys/class/net/\(device)
      for i in $(seq 100); do
        read state <operstate
        carrier=$(cat carrier 2>/dev/null)
        # A driver that reports its link late has none but this state for a moment; some never tell.
        [ "$state" = unknown ] && [ \(device) != tun0 ] && [ $i -le 10 ] && sleep 0.1 && continue
        [ "$state" != down ] && [ "$carrier" != 0 ] || [ \(device) = tun0 ] && break
        sleep 0.1
      done
      """)
  }
}

extension Guest {
  /// A flow to eth0, the interrupt that its packets raise, and its queue.
  func landedFlow() throws -> (flow: Flow, irq: Int, queue: Int) {
    try waitForLink("eth0")
    var generator = SystemRandomNumberGenerator()
    let flow = Flow.random(.tcp, ipv6: false, using: &generator)
    guard let queue = try landings(of: [flow]).first?.queue else {
      throw LabError("\(topology.rawValue): a packet that came to no queue")
    }
    let virtio = try virtioName(of: "eth0")
    let row = try Interrupts(in: self).rows.first {
      $0.receiveQueue(of: "eth0", virtio: virtio) == queue
    }
    guard let row else { throw LabError("\(topology.rawValue): no interrupt of queue \(queue)") }
    return (flow, row.number, queue)
  }

  /// An interrupt's count on each CPU.
  func interrupts(_ irq: Int) throws -> [Int] {
    try Interrupts(in: self).rows.first { $0.number == irq }?.counts ?? []
  }

  func interruptsByQueue(of device: String) throws -> [Int: Int] {
    let virtio = try virtioName(of: device)
    return Dictionary(
      try Interrupts(in: self).rows.compactMap { row in
        row.receiveQueue(of: device, virtio: virtio).map { ($0, row.total) }
      }, uniquingKeysWith: +)
  }

  /// A line of /proc/net/softnet_stat for each online CPU.
  func softnet() throws -> [(processed: Int, receivedRPS: Int)] {
    try shell("cat /proc/net/softnet_stat").split(separator: "\n").map { line in
      let words = line.split(separator: " ").map { Int($0, radix: 16) ?? 0 }
      return (words[0], words[9])
    }
  }
}

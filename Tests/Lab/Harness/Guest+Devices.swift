import Foundation

extension Guest {
  /// The network devices, but for loopback.
  func devices() throws -> [String] {
    try shell("cd /sys/class/net; for d in */; do echo ${d%/}; done").split(separator: "\n")
      .map(String.init).filter { $0 != "lo" }
  }

  /// Waits until `device` has a carrier, if it ever gets one.
  func waitForLink(_ device: String) throws {
    try shell(
      "for i in $(seq 100); do [ $(cat /sys/class/net/\(device)/operstate) = down ] || break; "
        + "[ \(device) = tun0 ] && break; sleep 0.1; done")
  }
}

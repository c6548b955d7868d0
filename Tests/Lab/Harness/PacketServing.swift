import Foundation
import Testing

/// `rxtune bench serve --backend` in a guest, and `rxtune bench load` on the kernel's stack at the far
/// side of its NIC.
struct PacketServing {
  static let address = "10.77.0.2"
  let guest: Guest
  let device: String
  let backend: String
  let workload: String
  /// A port of netmap, which takes the device's place; the device has no address then.
  var port: String?

  /// Whether the guests hold that program of libexec.
  static func has(_ program: String) -> Bool {
    FileManager.default.isExecutableFile(
      atPath: Lab.cache.appending(path: "current/\(program)").path)
  }

  /// The device with its address, which the server is to have.
  func prepare() throws {
    try guest.waitForLink(device)
    if port == nil {
      try guest.shell("/bin/ip address replace \(Self.address)/24 dev \(device)")
    }
    let tap = "tap\(device.dropFirst(3))"
    _ = try guest.host("ip address replace 10.77.0.1/24 dev \(tap)")
  }

  /// Takes both addresses away.
  func finish() throws {
    _ = try guest.host("ip address flush dev tap\(device.dropFirst(3))")
    try guest.shell("/bin/ip address flush dev \(device)")
    try guest.waitForLink(device)
  }

  /// Has it serve from now on.
  func begin() throws {
    try guest.shell(
      """
      rm -f /tmp/serve
      rxtune bench serve --backend \(backend) \(port ?? device) --host \(Self.address) \
        --port 9000 --workload \(workload) --json </dev/null >/tmp/serve 2>/tmp/words &
      echo $! >/tmp/server
      for i in $(seq 600); do
        grep -q 'serving\\|error' /tmp/words && break
        sleep 0.1
      done
      grep -q serving /tmp/words || { cat /tmp/words >&2; exit 1; }
      """, timeout: .seconds(120))
  }

  /// What the load says of its transactions, and the server of its own.
  func load() throws -> (load: JSONFields, server: JSONFields) {
    let output = try guest.host(
      """
      \(Lab.rxtune.path) bench load \(Self.address):9000 --workload \(workload) --connections 8 \
        --duration 1s --json
      """)
    guard output.succeeded else { throw LabError("bench load: \(output.output)\(output.errors)") }
    let served = try guest.shell(
      """
      kill -INT $(cat /tmp/server)
      for i in $(seq 300); do grep -q '"total"' /tmp/serve && break; sleep 0.1; done
      cat /tmp/words >&2; tail -n 1 /tmp/serve
      """)
    return (try JSONFields(output.output), try JSONFields(served))
  }

  /// All that the load asked was answered rightly, and the server lost none.
  ///
  /// - Parameter losses: what the server counts of them, by its names.
  func expectAllAnswered(
    _ load: JSONFields, _ server: JSONFields, without losses: [String]
  ) {
    let done = load["counts.transactions"].flatMap { Int($0) } ?? 0
    #expect(done > 100, "\(load.values)")
    for trouble in ["refused", "broken", "timed-out", "corrupted"] {
      #expect(load["counts.\(trouble)"] == "0", "\(trouble): \(load.values)")
    }
    // What was under way at the end was answered to nobody.
    let answered = server["total.transactions"].flatMap { Int($0) } ?? 0
    #expect((done...done + 8).contains(answered), "\(done): \(server.values)")
    for trouble in losses {
      #expect(server["total.\(trouble)"] == "0", "\(trouble): \(server.values)")
    }
  }
}

import Foundation
import Testing

/// The machine changes while rxtune reads it: an error that names the device, never a crash.
@Suite(.lab)
struct FaultTests {
  @Test(arguments: [Topology.igb, .virtio, .virtioNewest].filter(\.isOffered))
  func unplugging(_ topology: Topology) async throws {
    try await Lab.run(topology, .own) { guest in
      try guest.waitForLink("eth0")
      let runs = try guest.whileShowing("eth0") {
        try guest.monitor("device_del", "{\"id\": \"nic0\"}")
        try guest.shell(
          "for i in $(seq 100); do [ -e /sys/class/net/eth0 ] || break; sleep 0.1; done")
        #expect(try guest.run("test -e /sys/class/net/eth0").status == 1)
      }
      #expect(runs.allSatisfy { $0.status == 0 || $0.status == 1 }, "\(runs)")
      let last = try #require(runs.last)
      #expect(last.status == 1)
      #expect(last.errors.contains("eth0"), "\(last.errors)")
      for run in runs where run.status != 0 {
        #expect(run.errors.contains("eth0"), "\(run.errors)")
      }
      print("\(topology.rawValue): unplugged; \(runs.count) runs, then: \(last.errors)")
    }
  }

  @Test(arguments: [Topology.igb, .virtio, .igbNewest, .virtioNewest].filter(\.isOffered))
  func aLinkThatGoesDown(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      try guest.waitForLink("eth0")
      try guest.monitor("set_link", "{\"name\": \"nic0\", \"up\": false}")
      // The carrier goes first; operstate follows by the kernel's link watch, up to a second later.
      try guest.shell(
        "for i in $(seq 100); do [ $(cat /sys/class/net/eth0/operstate) = down ] && break; sleep 0.1; done"
      )
      let down = try guest.run("rxtune show eth0 --json")
      #expect(down.succeeded, "\(down.errors)")
      let fields = try JSONFields(down.output)
      #expect(fields["devices.eth0.stages.device.carrier"] == "false")
      #expect(fields["devices.eth0.stages.device.operstate"] == "down")
      #expect(fields["devices.eth0.stages.device.link-mode.speed"] == nil)
      try guest.monitor("set_link", "{\"name\": \"nic0\", \"up\": true}")
      try guest.waitForLink("eth0")
    }
  }

  @Test(arguments: [Topology.igb, .virtio612].filter(\.isOffered))
  func aCPUThatGoesOffline(_ topology: Topology) async throws {
    try await Lab.run(topology, .second) { guest in
      try guest.waitForLink("eth0")
      let runs = try guest.whileShowing("eth0") {
        for _ in 0..<3 {
          try guest.shell("echo 0 >/sys/devices/system/cpu/cpu3/online; sleep 0.3")
          try guest.shell("echo 1 >/sys/devices/system/cpu/cpu3/online; sleep 0.3")
        }
        try guest.shell("echo 0 >/sys/devices/system/cpu/cpu2/online; sleep 0.5")
      }
      #expect(runs.allSatisfy { $0.status == 0 }, "\(runs.filter { $0.status != 0 })")
      // Columns and lines are those of the CPUs that are left, by their numbers.
      let fields = try JSONFields(guest.shell("rxtune show eth0 --json"))
      #expect(fields["cpus.2.processed"] == nil)
      #expect(fields["cpus.3.processed"] != nil)
      let differences = try EthtoolFacts("eth0", in: guest).differences(from: fields, at: "eth0")
      #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
      try guest.shell("echo 1 >/sys/devices/system/cpu/cpu2/online")
      print("\(topology.rawValue): \(runs.count) runs while CPUs went and came")
    }
  }
}

extension Guest {
  /// What `rxtune show` did, again and again while `change` happened and once after it.
  fileprivate func whileShowing(_ device: String, _ change: () throws -> Void) throws -> [Output] {
    try shell(
      """
      rm -rf /tmp/runs; mkdir /tmp/runs
      (
        i=0
        until [ -e /tmp/runs/stop ] && touch /tmp/runs/stopping; do
          i=$((i + 1))
          rxtune show \(device) --json >/dev/null 2>/tmp/runs/$i.err; echo $? >/tmp/runs/$i.status
        done
        touch /tmp/runs/stopped
      ) >/dev/null 2>&1 &
      sleep 0.5
      """)
    try change()
    try shell("sleep 1; touch /tmp/runs/stop; until [ -e /tmp/runs/stopped ]; do sleep 0.1; done")
    let final = try run("rxtune show \(device) --json")
    let text = try shell(
      "cd /tmp/runs; for i in *.status; do echo \"$(cat $i) $(tr '\\n' ' ' <${i%.status}.err)\"; done"
    )
    return text.split(separator: "\n").map { line in
      let words = line.split(separator: " ", maxSplits: 1)
      return Output(
        status: Int32(words[0]) ?? -1, output: "", errors: words.count > 1 ? String(words[1]) : "")
    } + [final]
  }
}

import KernelIO
import Knobs
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Commands

@Suite("rxtune capture", .ownThread) struct CaptureCommandTests {
  /// What the ioctls told on a kernel without the ethtool family is in the record.
  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func aRecordOfAnOldKernelAnswersAsTheKernel() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name v1 && ip link set v0 up
        ip tuntap add t0 mode tap && ethtool -C t0 rx-frames 16
        """)
      let kernel = OlderKernel(LiveKernel())
      let record = ReceivePath.Host(ReplayKernel(try CaptureCommand.record(kernel)))
      let host = ReceivePath.Host(kernel)
      var told = 0
      for device in ["v0", "t0"] {
        for knob in Knob.catalogue where knob.scope == .device {
          let (live, recorded) = (
            host.reading(of: knob, at: .device(device)),
            record.reading(of: knob, at: .device(device))
          )
          #expect(live.value == recorded.value, "\(device) \(knob.id)")
          #expect(live.absence?.reason == recorded.absence?.reason, "\(device) \(knob.id)")
          if live.value?.origin.hasPrefix("ioctl ETHTOOL_G") == true { told += 1 }
        }
      }
      #expect(told > 20)
      let devices = record.snapshot(of: try record.links()).devices
      let veth = try #require(devices.first { $0.link.name == "v0" })
      #expect(veth.channels.value?.receiving == 4 && veth.linkMode.value?.speed == 10_000)
      #expect(veth.rings.absence?.reason == .notSupported)
    }
  }
}

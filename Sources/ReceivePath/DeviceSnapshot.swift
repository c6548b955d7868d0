package import KernelIO
package import Knobs

/// One device with all the stages of its receive path, as found at one moment.
package struct DeviceSnapshot: Sendable {
  package var link: Link
  package var isPhysical: Bool
  /// Why files below /sys/class/net/DEV cannot be believed; nil where they can.
  package var sysfs: Absence?

  // Device
  package var driver: Reading<DriverInfo>
  package var linkMode: Reading<LinkMode>
  /// nil inside: the device belongs to no node.
  package var numaNode: Reading<Int?>

  // RSS
  package var rss: Reading<RSS>
  package var rssContexts: Reading<[RSS]>
  package var flowRules: Reading<[FlowRule]>

  // Ring
  package var channels: Reading<Channels>
  package var rings: Reading<EthtoolParameters>
  package var queues: Reading<[Queue]>
  package var queueStatistics: Reading<[QueueStatistics]>

  // IRQ
  package var coalescing: Reading<Coalescing>

  // NAPI
  package var napis: Reading<[NAPI]>
  /// Device-wide settings, which every new NAPI instance starts from.
  package var napiDefaults: NAPIDefaults

  // GRO
  package var offloads: Reading<Offloads>

  // Transmit
  package var transmitQueues: [TransmitQueue]

  package var paths: [QueuePath]
}

/// /sys/class/net/DEV: napi_defer_hard_irqs, gro_flush_timeout, threaded (networking/napi.rst).
package struct NAPIDefaults: Sendable, Hashable {
  package var deferHardIRQs: Reading<Int64>
  package var groFlushTimeout: Reading<Int64>
  package var threaded: Reading<Int64>
}

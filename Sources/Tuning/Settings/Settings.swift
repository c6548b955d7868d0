package import KernelIO
package import Knobs
package import ReceivePath

/// What a change needs of a host: its settings, by knob and place.
///
/// `HostSettings` is the machine.
package protocol Settings: AnyObject {
  /// The places where the knob has a value now; `device` is nil for those of the host.
  func places(of knob: Knob, on device: String?) throws(KernelError) -> [Place]

  func read(_ knob: Knob, at place: Place) throws(KernelError) -> KnobValue

  /// Hands the kernel all of `values` in one request; more than one only where `batch` of their
  /// knobs agree.
  func write(_ values: [(knob: Knob, value: KnobValue)], at place: Place) throws(KernelError)

  /// What the device tells about the value.
  func bounds(of knob: Knob, at place: Place) throws(KernelError) -> Bounds

  /// What reading gives once `value` is written: a table is read as entries, and wanted as
  /// "equal 4".
  func expected(_ value: KnobValue, of knob: Knob, at place: Place) -> KnobValue

  /// The place that a part means on a device; nil where there is none.
  func place(_ part: Place.Part, on device: String?) throws(KernelError) -> Place?

  /// Two places that lead to one value are one: a queue's vector and the interrupt of its name.
  func resolved(_ place: Place) throws(KernelError) -> Place

  /// The highest queue that a flow rule of the device leads to.
  func highestRuleQueue(on device: String) throws(KernelError) -> Int?

  /// The CPUs that are online; nil where that is not known.
  var onlineCPUs: CPUSet? { get }

  /// What placement policies stand on for a device; for nil, the host's CPUs alone.
  func locality(of device: String?) -> Locality

  /// Why a knob that could not be read has no value here.
  func absence(_ error: KernelError, of knob: Knob) -> Absence

  /// A device as rtnetlink tells it; nil where it does not.
  func link(_ device: String) -> Link?

  /// The other end of a veth; nil where it is in another namespace.
  func peer(of link: Link) -> String?

  /// Where packets of `device` arrive; nil where that is not known.
  func arrivals(of device: String) -> Arrivals?

  /// A value that was read, as it goes on record: with what it does not show by itself. A table
  /// that is the driver's own is "default" ("default in rows" where it lies so), and a feature that
  /// only waits to be on is "off [requested on]".
  func recorded(_ value: KnobValue, of knob: Knob, at place: Place) -> KnobValue

  /// Tells that a user's table was written to the device, which from then on keeps its channels
  /// from shrinking: "default" is not there again before it is written.
  func tableWasSet(of device: String)

  /// The devices whose MTU moves when that of `device` becomes `mtu`.
  func mtuFollowers(of device: String, mtu: UInt32) throws(KernelError) -> [MTUFollower]

  /// Names of the devices that have IPv6 addresses which nobody gives them again: not link-local.
  var devicesWithIPv6: Set<String> { get }

  /// Forgets ids and answers that a write has made stale.
  func refresh()

  /// Gives the kernel time to do what was asked for.
  func wait(milliseconds: UInt64)
}

/// What a device tells about a value beside it.
package struct Bounds: Hashable, Sendable {
  package var minimum: Int64?
  package var maximum: Int64?
  /// The driver offers no switch, or the kernel keeps the value to itself.
  package var isFixed = false

  package init(minimum: Int64? = nil, maximum: Int64? = nil, isFixed: Bool = false) {
    self.minimum = minimum
    self.maximum = maximum
    self.isFixed = isFixed
  }
}

extension Settings {
  /// The same for all spellings of a place.
  func resolved(_ key: Setting.Key) -> Setting.Key {
    Setting.Key(key.knob, at: (try? resolved(key.place)) ?? key.place)
  }

  package func expected(_ value: KnobValue, of knob: Knob, at place: Place) -> KnobValue { value }
  package func absence(_ error: KernelError, of knob: Knob) -> Absence { Absence(error) }
  package func link(_ device: String) -> Link? { nil }
  package func peer(of link: Link) -> String? { nil }

  package func recorded(_ value: KnobValue, of knob: Knob, at place: Place) -> KnobValue { value }
  package func tableWasSet(of device: String) {}
  package func mtuFollowers(
    of device: String, mtu: UInt32
  ) throws(KernelError) -> [MTUFollower] { [] }
  package var devicesWithIPv6: Set<String> { [] }
  package func arrivals(of device: String) -> Arrivals? { nil }

  package func wait(milliseconds: UInt64) {
    MonotonicClock.sleep(until: MonotonicClock.now() + milliseconds * 1_000_000)
  }

  /// The devices that bring a bond, bridge, VLAN and the like their packets.
  func devicesBelow(_ device: String) -> DevicesBelow? { arrivals(of: device)?.below }
}

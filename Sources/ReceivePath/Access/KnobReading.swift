package import Knobs

/// A knob's value at one place, as the kernel told it.
package struct KnobReading: Hashable, Sendable {
  package var value: KnobValue
  /// What the device reports beside the value.
  package var minimum: Int64?
  package var maximum: Int64?
  /// True where the driver offers no switch ("[fixed]" of ethtool -k).
  package var isFixed = false
  /// Of a feature that was asked for and is not so: "off [requested on]", which can be written.
  package var requested: KnobValue?
  /// The kernel tells 0 of a parameter that the driver does not have, too.
  package var mayBeAbsent = false
  /// Where the value came from: a path, or the message.
  package var origin: String

  package init(
    _ value: KnobValue, minimum: Int64? = nil, maximum: Int64? = nil, isFixed: Bool = false,
    origin: String
  ) {
    self.value = value
    self.minimum = minimum
    self.maximum = maximum
    self.isFixed = isFixed
    self.origin = origin
  }
}

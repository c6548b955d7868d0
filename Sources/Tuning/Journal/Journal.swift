package import Knobs
package import Notation

/// What was there before a change, what is wanted, and what has become of it.
///
/// It is on the disk before the first write. The first part is written whole; events are
/// appended to it, each under its own checksum, so that a torn last one is as if it never was.
package struct Journal: Hashable, Sendable {
  /// Raised with each change of the form that an older rxtune would misread.
  package static let version = 2

  /// The form that this one is written in: without a label as ever.
  var form: Int { label == nil ? 1 : Self.version }

  package var id: String
  /// /proc/sys/kernel/random/boot_id: after a reboot there is nothing to undo.
  package var bootID: String
  /// Of the network namespace, as /proc/self/ns/net names it.
  package var namespace: String
  package var pid: Int32
  package var started: TimeStamp
  /// What was asked for: "apply latency eth0".
  package var command: String
  /// What the caller calls it.
  package var label: String?
  package var devices: [DeviceIdentity]
  /// All that the change touches, or may reset, as it was.
  package var before: [Setting]
  package var wanted: [Setting]
  /// What the change overwrites or leaves to the driver: what changes before it wanted there is
  /// wanted no more.
  package var leftAlone: [Setting.Key]
  package var events: [Event] = []

  package init(
    id: String, bootID: String, namespace: String, pid: Int32, started: TimeStamp,
    command: String, label: String? = nil, devices: [DeviceIdentity], before: [Setting],
    wanted: [Setting], leftAlone: [Setting.Key] = []
  ) {
    self.id = id
    self.bootID = bootID
    self.namespace = namespace
    self.pid = pid
    self.started = started
    self.command = command
    self.label = label
    self.devices = devices
    self.before = before
    self.wanted = wanted
    self.leftAlone = leftAlone
  }

  package struct Event: Hashable, Sendable {
    package var time: TimeStamp
    package var kind: Kind

    package init(_ kind: Kind, at time: TimeStamp = .now()) {
      self.time = time
      self.kind = kind
    }
  }

  package enum Kind: Hashable, Sendable {
    /// A value that the device rounded: what it found best instead of what was wanted.
    case settled(Setting.Key, KnobValue)
    /// What a device, or the host, bore the marks of at the beginning of the change or at its end.
    case fingerprint(device: String?, Fingerprint)
    case committed
    /// Rolled back at that time unless confirmed.
    case awaiting(TimeStamp)
    case confirmed
    case rollingBack
    case rolledBack
    /// Rolled back except for these.
    case incomplete([Debt])
    /// Every device that the change set something of was gone: there was nothing to roll back.
    case deviceGone
  }

  package enum State: Hashable, Sendable {
    /// Begun and not ended: whoever wrote it is still at it, or was killed.
    case open
    case committed
    case awaiting(TimeStamp)
    case rolledBack
    case incomplete([Debt])
    case deviceGone

    /// Nothing is left that a rollback without an id would undo.
    package var isOver: Bool { self == .rolledBack || self == .deviceGone }
  }

  package var state: State {
    var state = State.open
    for event in events {
      switch event.kind {
      case .settled, .fingerprint: continue
      case .committed, .confirmed: state = .committed
      case .awaiting(let deadline): state = .awaiting(deadline)
      case .rollingBack: state = .open
      case .rolledBack: state = .rolledBack
      case .incomplete(let owed): state = .incomplete(owed)
      case .deviceGone: state = .deviceGone
      }
    }
    return state
  }

  package var isInForce: Bool {
    switch state {
    case .committed, .awaiting: true
    case .open, .rolledBack, .incomplete, .deviceGone: false
    }
  }

  /// What a rollback could not restore, by knob and place as far as that can be told.
  package var owed: [Debt] {
    if case .incomplete(let owed) = state { owed.map(typed) } else { [] }
  }

  /// Older releases wrote a sentence alone, which begins with the setting.
  func typed(_ debt: Debt) -> Debt {
    guard debt.key == nil,
      let setting = before.first(where: { debt.reason.hasPrefix("\($0.place) \($0.knob.id) ") })
    else { return debt }
    let reason = debt.reason.dropFirst("\(setting.place) \(setting.knob.id) ".count)
    return Debt(setting.key, String(reason))
  }

  /// What was wanted, as the device settled it.
  package var settled: [Setting] {
    var values: [Setting.Key: KnobValue] = [:]
    for case .settled(let key, let value) in events.map(\.kind) { values[key] = value }
    return wanted.map { setting in
      Setting(setting.knob, at: setting.place, values[setting.key] ?? setting.value)
    }
  }
}

import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Rendering
import Scaling
import Tuning

struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Undo a change.",
    discussion: """
      Without an id, undoes the newest change in force, or finishes undoing an interrupted one. \
      With an id, undoes that change and all later ones, newest first. rxtune restores every \
      value that the change wrote or invalidated, and compares it with the journal. After a \
      reboot there is nothing to roll back: the kernel has forgotten the change.

      If a damaged journal may belong to the newest change, rollback without an id refuses; on \
      the way to an id it names the damaged journals that it skips.

      rxtune knows a device by its index: it follows a renamed device, and leaves another device \
      of the same name alone. If the device is gone, its settings are gone too: nothing is \
      restored, and the exit status is 1.

      A NIC that a killed rxtune bench serve --backend dpdk had taken from the kernel is given back \
      first; rollback without an id then undoes nothing else.

      What cannot be restored, because the queue is gone or the driver refuses, stays pending: \
      rxtune retries it before each later change, and until it succeeds that knob of that device \
      cannot be changed. rollback with the id of such a change retries that change alone; \
      --forget gives it up and keeps the current values.

      Examples:
        rxtune rollback
            Undo the last change, or finish undoing one that was killed.
        rxtune rollback 20261123-163117
            Undo that change and all later ones.
        rxtune rollback --forget 20261123-163117
            Give up on what could not be restored of that change.

      Exit status:
        1  Something was not restored, or its device is gone.
      """)

  @Argument(help: "A change, as rxtune history lists it.", completion: Completions.changes)
  var id: String?

  @Flag(name: .long, help: "Give up on what could not be restored of this change.")
  var forget = false

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  @OptionGroup var state: StateOptions

  func validate() throws {
    if forget && id == nil { throw ValidationError("--forget takes the id of a change") }
  }

  func run() throws {
    let format = OutputFormat(json: json)
    let session = try state.changes().open("rollback")
    if forget, let id {
      return try print(RollbackDocument(forgotten: session.forget(id)), as: format)
    }
    if id == nil, try returnDevices(format) { return }
    let rollback = try session.rollBack(id)
    for note in rollback.restored.flatMap(\.notes) { Console.report(.note, note) }
    try print(RollbackDocument(rollback), as: format, failing: Self.failure(rollback))
  }

  /// What was taken from the kernel by processes that are no more; false where there is none.
  private func returnDevices(_ format: OutputFormat) throws -> Bool {
    let kernel = LiveKernel()
    let left = TakenDevice.all(in: state.path, kernel).filter { !$0.isHeld(kernel) }
    guard !left.isEmpty else { return false }
    let returned = try left.map { taken in
      (device: taken, losses: try taken.giveBack(state: state.path, isLocked: true, kernel))
    }
    let failures = returned.compactMap { Failure(losses: $0.losses, of: $0.device.name) }
    try print(
      RollbackDocument(returned: returned), as: format,
      failing: failures.first.map { first in
        Failure(failures.flatMap { $0.lines }, first.problem)
      })
    return true
  }

  private static func failure(_ rollback: ChangeSession.Rollback) -> Failure? {
    guard !rollback.isComplete else { return nil }
    var lines: [String] = []
    for change in rollback.restored where !change.unrestored.isEmpty {
      lines += Journal.lines(change.unrestored).map { "not restored: \($0)" }
      let id = change.journal.id
      lines.append(
        "change \(id) is not fully rolled back. Try: rxtune rollback \(id), or to give it up: "
          + "rxtune rollback --forget \(id)")
    }
    for (id, error) in rollback.passedOver {
      lines.append("change \(id), made after it, is not rolled back: \(error)")
    }
    // Of devices that are gone, the notes say so.
    let prose = lines.last ?? rollback.restored.flatMap(\.notes).joined(separator: "; ")
    let debt = rollback.restored.flatMap(\.unrestored).lazy.compactMap(\.key).first
    return Failure(
      lines, Problem(.notRestored, prose, knob: debt?.knob, place: debt?.place))
  }
}

extension Failure {
  /// Of a device that was given back to the kernel otherwise than it was; nil where nothing is lost.
  init?(losses: [String], of device: String) {
    guard !losses.isEmpty else { return nil }
    let lines = losses.map { "\(device) is not as it was: \($0)" }
    self.init(
      lines, Problem(.notRestored, lines.joined(separator: "; "), place: .device(device)))
  }
}

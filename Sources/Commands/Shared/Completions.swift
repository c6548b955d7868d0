import ArgumentParser
import Knobs
import Scaling

/// What the shell offers while a command line is typed.
///
/// Lists of this machine's are commands: fish before 4 does not get through ArgumentParser's
/// `.custom`.
enum Completions {
  private static let listDevices = "ls /sys/class/net"

  static let knobs = CompletionKind.list(Knob.catalogue.map(\.id) + Knob.collectiveNames)
  static let devices = CompletionKind.shellCommand(listDevices)
  static let knobsAndDevices = CompletionKind.shellCommand(
    "rxtune knobs --ids; printf '%s\\n' \(Knob.collectiveNames.joined(separator: " ")); "
      + listDevices)
  /// The library's, and files of the working directory; by grep, for fish takes a pattern that
  /// matches nothing for an error of the whole.
  static let profiles = CompletionKind.shellCommand(
    "rxtune profile list --names; ls | grep '[.]yaml$'")
  static let modes = CompletionKind.list(ListenerMode.allValueStrings)
  static let backends = CompletionKind.list(ListenerMode.bypass.map(\.name))
  static let changes = CompletionKind.shellCommand("rxtune history --ids")
}

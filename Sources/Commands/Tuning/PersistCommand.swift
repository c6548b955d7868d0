import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Tuning

struct PersistCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "persist",
    abstract: "Apply a profile at each boot and keep it in force.",
    discussion: """
      Writes /etc/rxtune/devices/DEVICE, which names the profile. When the device appears, udev \
      starts rxtune@DEVICE.service, which applies it, and rxtune-watch.service, which restores what \
      link events and other programs change; RXTUNE_WATCH in /etc/rxtune/watch has its options. Units \
      and rule come with the package; where they are not installed, they are written below /etc. Each \
      device appears on its own, so policies place the interrupts of each device alone; a profile \
      that names CPUs keeps several devices apart.

      Examples:
        rxtune persist spread eth0
            Apply a profile at each boot and whenever eth0 reappears.
      """)

  @Argument(help: "Name of a profile, or a file.", completion: Completions.profiles)
  var profile: String

  @Argument(help: "Devices.", completion: Completions.devices)
  var devices: [String]

  @Option(name: .long, help: ArgumentHelp("Write below this directory.", valueName: "directory"))
  var root = ""

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  func run() throws {
    _ = try ProfileLibrary().profile(profile)
    if profile.contains("/") && !profile.hasPrefix("/") {
      throw ValidationError("a profile that is a file needs its whole path, as units have no place")
    }
    let kernel = LiveKernel()
    let links = try Host(kernel).allDevices(named: devices)
    let program = try kernel.readLink(.proc("self/exe"))
    // All names are looked at before a file is written.
    let persistences = try links.map { try Persistence(profile: profile, device: $0.name) }
    let units = UnitFiles(root: root)
    var changed = FilesDocument()
    changed.paths = try units.install(program: program)
    let needsReload = !changed.paths.isEmpty
    for persistence in persistences {
      changed.paths.append(try units.write(persistence))
    }
    try print(changed, as: OutputFormat(json: json))
    guard root.isEmpty else { return }
    let names = links.map { Persistence.unitName($0.name) }.joined(separator: " ")
    let reload = needsReload ? "systemctl daemon-reload; udevadm control --reload; " : ""
    Console.report(
      .note, "it applies from the next boot on. To apply it now: \(reload)systemctl start \(names)")
  }
}

struct UnpersistCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpersist",
    abstract: "Undo persist; settings in force stay until the next boot.",
    discussion: """
      Removes what rxtune persist wrote for these devices; with the last device, also the units \
      that it wrote. It changes nothing on the devices: rxtune rollback does that. A running watch \
      keeps restoring the values until you stop it: systemctl stop rxtune-watch.service.

      Examples:
        rxtune unpersist eth0
            Leave eth0 as its driver sets it, from the next boot on.
        rxtune unpersist --all
            Remove all that rxtune persist ever wrote.
      """)

  @Argument(help: "Devices.", completion: Completions.devices)
  var devices: [String] = []

  @Flag(name: .long, help: "All devices, and the units that rxtune persist wrote.")
  var all = false

  @Option(name: .long, help: ArgumentHelp("Look below this directory.", valueName: "directory"))
  var root = ""

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  func validate() throws {
    if all != devices.isEmpty {
      throw ValidationError(all ? "--all is of all devices: name none" : "name a device, or --all")
    }
  }

  func run() throws {
    let units = UnitFiles(root: root)
    let devices = all ? units.devices : devices
    var removed = FilesDocument()
    var missing: [String] = []
    for device in devices {
      let path = "\(root)/\(Persistence.path(device))"
      if try !device.contains("/") && LocalFile.remove(path) {
        removed.paths.append(path)
      } else {
        missing.append("\(device): there is no \(path)")
      }
    }
    let isLast = units.devices.isEmpty
    if isLast { removed.paths += try units.remove() }
    let failure = missing.first.map { Failure(missing, Problem(.noSuchFile, $0)) }
    try show(removed.printed(as: OutputFormat(json: json), failing: failure))
    if root.isEmpty && !removed.paths.isEmpty {
      Console.report(
        .note,
        "settings in force stay, and a running watch holds them. Try: "
          + (isLast ? "systemctl stop \(SystemUnit.watch.name); " : "") + "rxtune rollback")
    }
    try failure?.afterItsDocument()
  }
}

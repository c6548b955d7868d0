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
      Writes a systemd unit and a udev rule for each device, and a unit that restores what link \
      events and other programs change. Run systemctl daemon-reload and udevadm control --reload \
      to load them. At boot each device appears on its own, so policies place the interrupts of \
      each device alone; a profile that names CPUs keeps several devices apart.

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
    var written = FilesDocument()
    _ = try ProfileLibrary().profile(profile)
    if profile.contains("/") && !profile.hasPrefix("/") {
      throw ValidationError("a profile that is a file needs its whole path, as units have no place")
    }
    let kernel = LiveKernel()
    let links = try Host(kernel).allDevices(named: devices)
    let program = try kernel.readLink(.proc("self/exe"))
    // All names are looked at before a file is written; the watch's unit is that of all.
    var files: [Persistence.File] = []
    for link in links {
      let persistence = try Persistence(profile: profile, device: link.name, program: program)
      files += persistence.files.filter { !files.contains($0) }
    }
    for file in files {
      let path = "\(root)/\(file.path)"
      if let directory = path.lastIndex(of: "/").map({ String(path[..<$0]) }) {
        try LocalDirectory.make(directory)
      }
      try LocalFile.write(path, Array(file.text.utf8))
      written.paths.append(path)
    }
    try print(written, as: OutputFormat(json: json))
    if root.isEmpty {
      Console.report(.note, "Run systemctl daemon-reload and udevadm control --reload to load them")
    }
  }
}

struct UnpersistCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpersist",
    abstract: "Undo persist; settings in force stay until the next boot.",
    discussion: """
      Removes the units and rules that rxtune persist wrote for these devices; with the last \
      device, also the watch unit. It changes nothing on the devices: rxtune rollback does that. \
      A running watch keeps restoring the values until you stop it: systemctl stop \
      rxtune-watch.service.

      Examples:
        rxtune unpersist eth0
            Leave eth0 as its driver sets it, from the next boot on.
      """)

  @Argument(help: "Devices.", completion: Completions.devices)
  var devices: [String]

  @Option(name: .long, help: ArgumentHelp("Look below this directory.", valueName: "directory"))
  var root = ""

  @Flag(name: .long, help: "Print JSON.")
  var json = false

  func run() throws {
    var removed = FilesDocument()
    var missing = false
    for device in devices {
      let paths = [Persistence.unitPath(device), Persistence.rulePath(device)]
        .map { "\(root)/\($0)" }
      let gone = try paths.filter { try !device.contains("/") && LocalFile.remove($0) }
      removed.paths += gone
      let absent = paths.filter { !gone.contains($0) }
      guard absent.isEmpty else {
        missing = true
        Console.report(
          .error, "\(device): there is no \(absent.joined(separator: ", and no "))")
        continue
      }
    }
    let units = (try? LocalDirectory.list("\(root)/\(Persistence.unitDirectory)")) ?? []
    let isLast = !units.contains {
      $0.hasPrefix("rxtune-") && $0.hasSuffix(".service") && $0 != Persistence.watchName
    }
    if isLast, try LocalFile.remove("\(root)/\(Persistence.watchUnit)") {
      removed.paths.append("\(root)/\(Persistence.watchUnit)")
    }
    try print(removed, as: OutputFormat(json: json))
    // What of it runs, runs on without its file.
    if root.isEmpty && !missing {
      let units = devices.map(Persistence.unitName) + (isLast ? [Persistence.watchName] : [])
      Console.report(
        .note,
        """
        running units go on, and a watch holds the values as they were set. Try: \
        systemctl stop \(units.joined(separator: " ")); systemctl daemon-reload
        """)
    }
    if missing { throw ExitCode.failure }
  }
}

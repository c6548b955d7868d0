import KernelIO
package import ReceivePath

/// What a systemd.link(5) file for a device has to hold beside its settings: by what it finds the
/// device at boot, and the policies of the file that it displaces, for of these files the first
/// that matches applies alone.
package struct LinkFile: Hashable, Sendable {
  /// Lines of [Match].
  package var match: [String]
  /// The file that applies without this one; nil where nobody looked.
  package var displaced: String?
  /// Lines of its [Link]; without it, those of the file that systemd ships.
  package var kept: [String] = [
    "NamePolicy=keep kernel database onboard slot path",
    "AlternativeNamesPolicy=database onboard slot path", "MACAddressPolicy=persistent",
  ]
  /// Files before it of which cannot be told here whether they apply.
  package var undecided: [String] = []

  package init(match: [String]) {
    self.match = match
  }
}

// MARK: - Find

/// What udev knows of a device when it looks for its .link file.
package struct LinkFileSubject: Hashable, Sendable {
  package var name: String
  /// The kernel's name for it; nil where it was renamed since.
  package var originalName: String?
  package var address: String
  package var permanentAddress: String?
  /// ID_PATH: "pci-0000:00:03.0".
  package var path: String?
  package var driver: String?
  /// "veth", "bond".
  package var kind: String?

  package init(
    name: String, originalName: String?, address: String, permanentAddress: String? = nil,
    path: String? = nil, driver: String? = nil, kind: String? = nil
  ) {
    self.name = name
    self.originalName = originalName
    self.address = address
    self.permanentAddress = permanentAddress
    self.path = path
    self.driver = driver
    self.kind = kind
  }

  /// Whether a [Match] section means the device; nil where only udev can tell.
  ///
  /// All of its keys have to match, each one of its words.
  func matches(_ section: [(key: String, value: String)]) -> Bool? {
    var isSure = true
    for (key, value) in section where !value.isEmpty {
      let verdict: Bool? =
        switch key {
        case "OriginalName":
          // "*" means any.
          value == "*" ? true : originalName.flatMap { Self.matches(value, $0) }
        case "MACAddress": Self.contains(value, address)
        case "PermanentMACAddress": Self.contains(value, permanentAddress)
        case "Path": path.flatMap { Self.matches(value, $0) }
        case "Driver": driver.flatMap { Self.matches(value, $0) }
        case "Kind": kind.map { Self.matches(value, $0) } ?? false
        default: nil
        }
      switch verdict {
      case false?: return false
      case nil: isSure = false
      case true?: continue
      }
    }
    return isSure && !section.isEmpty ? true : section.isEmpty ? false : nil
  }

  private static func contains(_ addresses: String, _ address: String?) -> Bool {
    guard let address, !address.isEmpty else { return false }
    return addresses.split(separator: " ").contains {
      String($0.lowercased().map { $0 == "-" ? ":" : $0 }) == address
    }
  }

  /// Patterns of a shell; a "!" before the first means none of them.
  private static func matches(_ patterns: String, _ text: String) -> Bool? {
    let isNegated = patterns.hasPrefix("!")
    let words = patterns.drop { $0 == "!" }.split(separator: " ")
    guard !words.contains(where: { $0.contains("[") }) else { return nil }
    return words.contains { matches($0[...], text[...]) } != isNegated
  }

  private static func matches(_ pattern: Substring, _ text: Substring) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == "*" {
      return text.indices.contains { matches(pattern.dropFirst(), text[$0...]) }
        || matches(pattern.dropFirst(), "")
    }
    guard let head = text.first, first == "?" || first == head else { return false }
    return matches(pattern.dropFirst(), text.dropFirst())
  }
}

extension LinkFile {
  /// Where they are kept; of two of one name, that of the first directory counts.
  private static let directories = [
    "etc/systemd/network", "run/systemd/network", "usr/local/lib/systemd/network",
    "usr/lib/systemd/network", "lib/systemd/network",
  ]

  /// The name of a file for the device, which sorts before those of most others.
  package static func name(_ device: String) -> String { "10-rxtune-\(device).link" }

  /// Looks for the file that it would displace, as udev does: by name over all directories.
  ///
  /// - Parameter root: of the file system, with "/" at its end.
  package mutating func findDisplaced(_ subject: LinkFileSubject, root: String = "/") {
    var files: [(name: String, path: String)] = []
    for directory in Self.directories {
      let names = (try? LocalDirectory.list(root + directory)) ?? []
      for name in names where name.hasSuffix(".link") && name != Self.name(subject.name) {
        if files.contains(where: { $0.name == name }) { continue }
        files.append((name, root + directory + "/" + name))
      }
    }
    for file in files.sorted(by: { $0.name < $1.name }) {
      guard let bytes = try? LocalFile.readFound(file.path, as: .file) else { continue }
      let sections = Self.sections(String(decoding: bytes, as: UTF8.self))
      switch subject.matches(sections.filter { $0.section == "Match" }.map { ($0.key, $0.value) }) {
      case false?: continue
      case nil: undecided.append(file.path)
      case true?:
        displaced = file.path
        kept = sections.filter { $0.section == "Link" }.map { "\($0.key)=\($0.value)" }
        return
      }
    }
  }

  private static func sections(
    _ text: String
  ) -> [(section: String, key: String, value: String)] {
    var lines: [(section: String, key: String, value: String)] = []
    var section = ""
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.trimmingSpaces
      if line.hasPrefix("["), line.hasSuffix("]") { section = String(line.dropFirst().dropLast()) }
      guard let first = line.first, !"#;[".contains(first), let sign = line.firstIndex(of: "=")
      else { continue }
      lines.append(
        (
          section, String(line[..<sign].trimmingSpaces),
          String(line[line.index(after: sign)...].trimmingSpaces)
        ))
    }
    return lines
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}

// MARK: - Read

extension Host {
  /// - Parameter isHere: whether it is this machine, whose files can be looked at.
  package func linkFile(_ link: Link, isHere: Bool) -> LinkFile {
    let permanent = link.permanentAddress.map { Link.text(of: $0) }
    let path = (isHere ? udevProperty("ID_PATH", link) : nil) ?? busPath(link)
    var match: [String] = []
    if let permanent { match.append("PermanentMACAddress=\(permanent)") }
    if let path, permanent == nil || isShared(permanent, link) { match.append("Path=\(path)") }
    // What no hardware is behind was made under its name.
    if match.isEmpty { match.append("OriginalName=\(link.name)") }
    var file = LinkFile(match: match)
    guard isHere else { return file }
    // NET_NAME_RENAMED of linux/netdevice.h.
    let isRenamed = (try? kernel.text(link.devicePath("name_assign_type"))) == "4"
    file.findDisplaced(
      LinkFileSubject(
        name: link.name, originalName: isRenamed ? nil : link.name, address: link.addressText,
        permanentAddress: permanent, path: path, driver: (try? driverInfo(link.name))?.driver,
        kind: link.kind))
    return file
  }

  /// A virtual function and the device that it stands in for bear one address.
  private func isShared(_ address: String?, _ link: Link) -> Bool {
    let others = (try? links()) ?? []
    return others.contains {
      $0.index != link.index && $0.permanentAddress.map { Link.text(of: $0) } == address
    }
  }

  private func udevProperty(_ name: String, _ link: Link) -> String? {
    guard let bytes = try? LocalFile.readFound("/run/udev/data/n\(link.index)", as: .file) else {
      return nil
    }
    let mark = "E:\(name)="
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .first { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
  }

  /// ID_PATH of a PCI function, and of a virtio device on one: udev adds nothing to its address.
  private func busPath(_ link: Link) -> String? {
    guard let target = try? kernel.readLink(.sys("class/net/\(link.name)")) else {
      return link.parentBus == "pci" ? link.parentDevice.map { "pci-\($0)" } : nil
    }
    var parts = target.split(separator: "/").dropLast(2)
    if parts.last?.hasPrefix("virtio") == true { parts.removeLast() }
    guard let last = parts.last, Self.isPCIAddress(last) else { return nil }
    return "pci-\(last)"
  }

  /// "0000:00:03.0"
  private static func isPCIAddress(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":")
    return parts.count == 3 && parts[2].contains(".")
      && text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
  }
}

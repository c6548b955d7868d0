import Knobs
import YAML

/// Reads a profile from YAML.
///
///     name: mine
///     summary: what it is for
///     settings:
///       coalesce.rx-usecs: 8
///       irq.smp-affinity:
///         value: spread
///         why: …
///         source: …
///       queue.rps-cpus:
///         rx-0: 1-3
///         rx-1: none
///
/// Values are read as the words they are, not as YAML's types: "off" is off, and 0512 no octal.
package struct ProfileParser {
  /// Far beyond any profile: a guard against hostile files.
  private static let largest = 256 << 10
  private let file: String

  package static func parse(_ text: String, file: String) throws(ProfileError) -> Profile {
    let parser = ProfileParser(file: file)
    guard text.utf8.count <= largest else {
      throw ProfileError(file, line: 1, column: 1, "larger than any profile (\(largest) bytes)")
    }
    return try parser.profile(try parser.compose(text))
  }

  private init(file: String) {
    self.file = file
  }

  // MARK: - The document

  private func compose(_ text: String) throws(ProfileError) -> YAMLNode {
    // libyaml looks through all open brackets at each new one: minutes for a hostile file.
    if let line = Self.lineOfTooManyBrackets(text) {
      throw ProfileError(file, line: line, column: 1, "more brackets than any profile has")
    }
    let root: YAMLNode?
    do { root = try YAMLNode.parse(text) } catch {
      throw ProfileError(file, line: error.line, column: error.column, "not YAML: \(error.problem)")
    }
    guard let root else { throw ProfileError(file, line: 1, column: 1, "the file is empty") }
    return root
  }

  private static func lineOfTooManyBrackets(_ text: String) -> Int? {
    var (line, brackets) = (1, 0)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\n"): line += 1
      case UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
      default: continue
      }
      if brackets > 4096 { return line }
    }
    return nil
  }

  private func fail(_ node: YAMLNode, _ text: String) -> ProfileError {
    ProfileError(file, line: node.line, column: node.column, text)
  }

  // MARK: - Its parts

  private func profile(_ root: YAMLNode) throws(ProfileError) -> Profile {
    guard let mapping = root.mapping else {
      throw fail(root, "expected \"name:\", \"summary:\" and \"settings:\"")
    }
    var profile = Profile(name: "", summary: "", requests: [])
    var hasSettings = false
    for (key, value) in mapping {
      switch try word(key) {
      case "name": profile.name = try word(value)
      case "summary": profile.summary = try word(value)
      case "settings":
        hasSettings = true
        profile.requests = try requests(value)
      case let other:
        throw fail(key, "unknown key '\(other)': there are name, summary and settings")
      }
    }
    guard hasSettings else { throw fail(root, "\"settings:\" is missing") }
    if profile.name.isEmpty { profile.name = Self.stem(file) }
    return profile
  }

  private func requests(_ node: YAMLNode) throws(ProfileError) -> [Request] {
    guard let mapping = node.mapping else {
      throw fail(node, "expected knobs with their values")
    }
    guard !mapping.isEmpty else { throw fail(node, "no setting is in it") }
    var requests: [Request] = []
    var seen: Set<String> = []
    for (key, value) in mapping {
      let name = try word(key)
      guard let knob = Knob.named(name) else { throw fail(key, Knob.unknown(name)) }
      guard knob.isWritable && knob.scope != .socket else {
        throw fail(key, "\(knob.id) cannot be set from outside (\(knob.document))")
      }
      guard seen.insert(knob.id).inserted else { throw fail(key, "\(knob.id) is given twice") }
      requests.append(try request(knob, value))
    }
    return requests
  }

  private func request(_ knob: Knob, _ node: YAMLNode) throws(ProfileError) -> Request {
    guard let mapping = node.mapping else {
      return Request(knob, try wanted(knob, node), isRequired: false)
    }
    var request = Request(knob, .literal(""), isRequired: false)
    guard mapping.contains(where: { $0.key.scalar == "value" }) else {
      request.value = try each(knob, mapping, node)
      return request
    }
    for (key, value) in mapping {
      switch try word(key) {
      case "value":
        if let places = value.mapping {
          request.value = try each(knob, places, value)
        } else {
          request.value = try wanted(knob, value)
        }
      case "why": request.reason.why = try word(value)
      case "source": request.reason.source = try word(value)
      case "required":
        switch try word(value) {
        case "true": request.isRequired = true
        case "false": request.isRequired = false
        case let other: throw fail(value, "required is true or false, not '\(other)'")
        }
      case let other:
        throw fail(key, "unknown key '\(other)': there are value, why, source and required")
      }
    }
    return request
  }

  private func each(
    _ knob: Knob, _ mapping: [YAMLNode.Pair], _ node: YAMLNode
  ) throws(ProfileError) -> Request.Value {
    var values: [Place.Part: String] = [:]
    for (key, value) in mapping {
      let name = try word(key)
      guard let part = Place.Part(typed: name), knob.fits(part) else {
        throw fail(
          key, "'\(name)' is not a place of \(knob.id), which belongs to \(knob.scope.summary)")
      }
      let text = try word(value)
      try check(text, knob, value)
      values[part] = text
    }
    guard !values.isEmpty else { throw fail(node, "\(knob.id) has no value") }
    return .each(values)
  }

  private func wanted(_ knob: Knob, _ node: YAMLNode) throws(ProfileError) -> Request.Value {
    let text = try word(node)
    let wanted = Request.Value(text, for: knob)
    guard case .literal = wanted else { return wanted }
    if Policy.named(text) != nil, knob.form != .flag {
      let policies = Policy.suiting(knob).map(\.name)
      throw fail(
        node,
        "\(knob.id) has no policy '\(text)'"
          + (policies.isEmpty ? "" : ": it has \(policies.joined(separator: ", "))"))
    }
    try check(text, knob, node)
    return wanted
  }

  /// What the device reports is looked at later; what no device takes is wrong here.
  private func check(_ text: String, _ knob: Knob, _ node: YAMLNode) throws(ProfileError) {
    if text == "max" { return }
    do { _ = try KnobValue.parse(text, for: knob) } catch {
      throw fail(node, error.description)
    }
  }

  private func word(_ node: YAMLNode) throws(ProfileError) -> String {
    guard let scalar = node.scalar else { throw fail(node, "expected one value") }
    return scalar
  }

  /// "/etc/rxtune/profiles/mine.yaml" as "mine".
  private static func stem(_ file: String) -> String {
    let name = file.split(separator: "/").last ?? ""
    return String(name.prefix { $0 != "." })
  }
}

package import Knobs
package import Notation

/// One direction of one conversation: what RSS hashes.
package struct Flow: Hashable, Sendable, CustomStringConvertible {
  package enum Transport: String, Sendable, CaseIterable { case tcp, udp }

  package var transport: Transport
  package var source: IPAddress
  package var sourcePort: UInt16
  package var destination: IPAddress
  package var destinationPort: UInt16

  package var type: FlowType {
    switch (transport, source.isIPv6) {
    case (.tcp, false): .tcp4
    case (.tcp, true): .tcp6
    case (.udp, false): .udp4
    case (.udp, true): .udp6
    }
  }

  package var description: String {
    "\(transport.rawValue) \(source.endpoint(sourcePort)) > "
      + destination.endpoint(destinationPort)
  }

  /// What is wrong with a flow's text.
  package struct Malformed: Error, Hashable, CustomStringConvertible {
    package var description: String
    static func expected(_ what: String, _ found: some StringProtocol) -> Malformed {
      Malformed(
        description: """
          flow: '\(found)' is not a valid \(what); a flow reads 'tcp 10.0.0.1:34567 > 10.0.0.2:80' \
          or 'udp [2001:db8::1]:53 > [2001:db8::2]:4000'
          """)
    }
  }

  package init(
    _ transport: Transport, _ source: IPAddress, _ sourcePort: UInt16, _ destination: IPAddress,
    _ destinationPort: UInt16
  ) {
    self.transport = transport
    self.source = source
    self.sourcePort = sourcePort
    self.destination = destination
    self.destinationPort = destinationPort
  }

  /// Reads "tcp 10.0.0.1:34567 > 10.0.0.2:80"; IPv6 addresses stand in brackets, and may have a
  /// zone. Addresses that ss(8) maps into IPv6 become the IPv4 ones that they are on the wire.
  package init(_ text: String) throws(Malformed) {
    let words = text.split { $0 == " " || $0 == "\t" || $0 == ">" }
    let arrows = text.count { $0 == ">" }
    guard words.count == 3, arrows == 1 else { throw .expected("flow", text) }
    guard let transport = Transport(rawValue: words[0].lowercased()) else {
      throw .expected("transport (tcp, udp)", words[0])
    }
    let from = try Self.end(words[1])
    let to = try Self.end(words[2])
    guard from.address.isIPv6 == to.address.isIPv6 else {
      throw .expected("flow of one address family", text)
    }
    self.init(transport, from.address, from.port, to.address, to.port)
  }

  private static func end(
    _ text: Substring
  ) throws(Malformed) -> (address: IPAddress, port: UInt16) {
    guard let colon = text.lastIndex(of: ":") else { throw .expected("address:port", text) }
    let address = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard digits.allSatisfy(\.isNumber), let port = UInt16(digits) else {
      throw .expected("port (0 to 65535)", digits)
    }
    // ss(8) writes the zone behind the brackets, a URL within them.
    let outer = withoutZone(address)
    let isBracketed = outer.hasPrefix("[") && outer.hasSuffix("]")
    let inner = isBracketed ? withoutZone(outer.dropFirst().dropLast()) : outer
    guard let parsed = IPAddress(inner), parsed.isIPv6 == isBracketed else {
      throw .expected("address (IPv6 in brackets)", address)
    }
    return (parsed.onTheWire, port)
  }

  /// Without the "%eth0" at its end: where an address is meant is no part of what is hashed.
  private static func withoutZone(_ address: Substring) -> Substring {
    guard let percent = address.lastIndex(of: "%") else { return address }
    let zone = address[address.index(after: percent)...]
    return zone.isEmpty || zone.contains("]") ? address : address[..<percent]
  }
}

// MARK: - What is hashed

extension Flow {
  /// The bytes that go into the hash, or why that cannot be told.
  package func hashInput(
    fields: HashFields, transform: InputTransform
  ) -> Result<[UInt8], UnknownReason> {
    let known: HashFields = [.source, .destination, .sourcePort, .destinationPort]
    guard fields.isSubset(of: known) else {
      return .failure("the hash takes fields beyond addresses and ports (\(fields.description))")
    }
    guard fields.isEmpty || fields.isSuperset(of: .addresses) || fields == .ports else {
      return .failure(
        "where single fields (\(fields.description)) stand in the input is the driver's choice")
    }
    if fields.isEmpty { return .failure("the device hashes no field of \(type.name)") }
    var input: [UInt8] = []
    func big(_ port: UInt16) -> [UInt8] { [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)] }
    func add(_ source: [UInt8], _ destination: [UInt8]) {
      let xor = zip(source, destination).map { $0 ^ $1 }
      if transform == .symmetricXor {
        input += xor + xor
      } else if transform == .symmetricOrXor {
        input += zip(source, destination).map { $0 | $1 } + xor
      } else {
        input += source + destination
      }
    }
    guard transform.isEmpty || transform == .symmetricXor || transform == .symmetricOrXor else {
      return .failure("input transform \(transform.rawValue) is not known to rxtune")
    }
    if fields.isSuperset(of: .addresses) { add(source.bytes, destination.bytes) }
    switch fields.intersection(.ports) {
    case []: break
    case .ports: add(big(sourcePort), big(destinationPort))
    default:
      return .failure(
        "one port without the other (\(fields.description)) has no common place in the input")
    }
    return .success(input)
  }
}

/// Why something about a flow cannot be told.
package struct UnknownReason: Error, Hashable, Sendable, ExpressibleByStringInterpolation,
  CustomStringConvertible
{
  package var description: String
  package init(stringLiteral value: String) { description = value }
}

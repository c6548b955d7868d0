import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Rendering

/// What stopped a command, in a sentence for whoever called it; exit status 1.
struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Exit statuses that all commands share.
enum ExitStatus {
  /// There is a difference: a plan to carry out, a finding, something that does not verify.
  static let difference = ExitCode(2)
}

extension Host {
  /// The links that a command was given by name, or its choice where none was.
  ///
  /// Names that no device has are complained about, with the ones that there are; the command goes
  /// on with the rest, and `unknown` makes it end with 1.
  func devices(
    named names: [String]
  ) throws -> (links: [Link], unknown: [String], all: [Link]) {
    let links = try self.links()
    let (chosen, unknown) = chosen(links, named: names)
    for name in unknown {
      let question = NearestNames.question(name, in: links.map(\.name))
      let others = question.isEmpty ? "; there are \(Self.listed(links))" : question
      Console.report(.error, Terminal.printable("no device '\(name)' here\(others)"))
    }
    if chosen.isEmpty && unknown.isEmpty {
      throw Failure("no device but loopback is in this namespace: name one (rxtune show lo)")
    }
    return (chosen, unknown, links)
  }

  /// As `devices(named:)`; one that is not here ends the command before anything is done.
  func allDevices(named names: [String]) throws -> [Link] {
    let (links, unknown, _) = try devices(named: names)
    guard unknown.isEmpty else { throw ExitCode.failure }
    return links
  }

  func device(named name: String) throws -> Link {
    guard let link = try allDevices(named: [name]).first else { throw ExitCode.failure }
    return link
  }

  static func listed(_ links: [Link]) -> String {
    let names = links.prefix(12).map(\.name).joined(separator: ", ")
    return links.count > 12 ? "\(names) and \(links.count - 12) more" : names
  }
}

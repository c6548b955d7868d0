import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Rendering

/// What stopped a command, in words for whoever called it, and for programs; exit status 1.
struct Failure: Error, CustomStringConvertible {
  /// A sentence each; none where all was said.
  let lines: [String]
  let problem: Problem
  /// A document that tells the problem was printed.
  var isOnOutput = false

  init(
    _ description: String, _ kind: Problem.Kind = .failed, knob: Knob? = nil, place: Place? = nil
  ) {
    self.init([description], Problem(kind, description, knob: knob, place: place))
  }

  init(_ lines: [String], _ problem: Problem) {
    self.lines = lines
    self.problem = problem
  }

  /// Of a command that said in its own document what is wrong.
  init(said description: String, _ kind: Problem.Kind) {
    self.init([], Problem(kind, description))
  }

  /// Ends a command that has printed a document with it.
  func afterItsDocument() throws -> Never {
    var failure = self
    failure.isOnOutput = true
    throw failure
  }

  var description: String { lines.joined(separator: "\n") }

  /// There is nobody to print to.
  static let output = Failure("not all of it could be written to standard output")
}

/// Exit statuses that all commands share.
enum ExitStatus {
  /// There is a difference: a plan to carry out, a finding, something that does not verify.
  static let difference = ExitCode(2)
}

extension Host {
  /// The links that a command was given by name, or its choice where none was.
  ///
  /// - Returns: also a failure that tells which names no device has, with the ones that there are;
  ///   a command that goes on with the rest ends with it.
  func devices(
    named names: [String]
  ) throws -> (links: [Link], unknown: Failure?, all: [Link]) {
    let links = try self.links()
    let (chosen, unknown) = chosen(links, named: names)
    if chosen.isEmpty && unknown.isEmpty {
      throw Failure(
        "no device but loopback is in this namespace: name one (rxtune show lo)", .noSuchDevice)
    }
    let lines = unknown.map { name in
      let question = NearestNames.question(name, in: links.map(\.name))
      let others = question.isEmpty ? "; there are \(Self.listed(links))" : question
      return Terminal.printable("no device '\(name)' here\(others)")
    }
    guard let first = unknown.first else { return (chosen, nil, links) }
    let problem = Problem(
      .noSuchDevice, lines.joined(separator: "; "), place: .device(first))
    return (chosen, Failure(lines, problem), links)
  }

  /// As `devices(named:)`; one that is not here ends the command before anything is done.
  func allDevices(named names: [String]) throws -> [Link] {
    let (links, unknown, _) = try devices(named: names)
    if let unknown { throw unknown }
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

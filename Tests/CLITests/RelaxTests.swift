import Foundation
import Testing

/// Linear programs as a user meets them.
@Suite struct RelaxTests {
  private func temporary(_ ending: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).\(ending)")
      .path
  }

  @Test(arguments: ["rlt1", "kaufman-broeckx", "xia-yuan"], ["mps", "lp"])
  func exports(_ formulation: String, _ ending: String) throws {
    let path = temporary(ending)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let object = try qap(
      "relax", bundled("nug12.dat"), "--formulation", formulation, "--integer", "--export", path,
      "--json", "-"
    ).object()
    #expect(
      Set(object.keys) == [
        "instance", "formulation", "integer", "rows", "columns", "coefficients", "export",
        "version", "columns_removed", "objective", "bound",
      ])
    #expect(object["formulation"] as? String == formulation)
    if formulation == "rlt1" {
      #expect(object["rows"] as? Int == 3192 && object["columns"] as? Int == 8856)
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(ending == "mps" ? "ENDATA" : "End"))
    #expect(text.contains("x_11_11"))
  }

  @Test func reducesByWhatIsKnown() throws {
    let whole = try qap("relax", bundled("nug12.dat"), "--json", "-").object()
    let object = try qap("relax", bundled("nug12.dat"), "--reduce", "--json", "-").object()
    let removed = try #require(object["columns_removed"] as? Int)
    #expect(removed > 0 && object["objective"] as? Int == 578)
    #expect(object["columns"] as? Int == (whole["columns"] as? Int ?? 0) - removed)
    #expect(whole["columns_removed"] is NSNull)
    // Where bound and assignment meet, little remains.
    let tree = try qap("relax", bundled("chr12a.dat"), "--reduce", "--integer", "--json", "-")
      .object()
    #expect(try #require(tree["columns_removed"] as? Int) > 8000)
  }

  /// Forbidden placements are variables that are 0, in every formulation.
  @Test func forbiddenPlacementsAreFixed() throws {
    let (pairs, path) = (temporary("txt"), temporary("lp"))
    defer { for file in [pairs, path] { try? FileManager.default.removeItem(atPath: file) } }
    try "0 1\n3 2\n".write(toFile: pairs, atomically: true, encoding: .utf8)
    for options in [["--integer"], ["--formulation", "xia-yuan", "--reduce"], ["--quadratic"]] {
      let run = try Run(
        ["relax", bundled("nug12.dat"), "--forbid", pairs, "--export", path] + options
      ).finish()
      #expect(run.status == 0, "\(run.errors)")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      // --reduce leaves them out.
      let rest = text.components(separatedBy: "Bounds").last ?? ""
      #expect(
        text.contains("x_0_1 = 0") || !rest.contains("x_0_1 "), "\(options): \(text.suffix(99))")
    }
    let object = try qap(
      "relax", bundled("nug12.dat"), "--forbid", pairs, "--qubo", "--json", "-"
    ).object()
    #expect(object["variables"] as? Int == 142)
  }

  @Test func extentsAloneNeedNoFile() throws {
    let run = try qap("relax", bundled("nug12.dat"))
    #expect(run.status == 0 && run.output.contains("8856"))
  }

  @Test func refusesWhatItCannotDo() throws {
    #expect(try qap("relax", bundled("nug12.dat"), "--formulation", "simplex").status == 64)
    #expect(try qap("relax", bundled("nug12.dat"), "--export", "model.txt").status == 64)
    #expect(try qap("relax", bundled("nug12.dat"), "--export", "/nonexistent/a.mps").status == 74)
    #expect(try qap("relax", "/nonexistent.dat").status == 66)
    let path = temporary("dat")
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(
      try qap("generate", "taillard-uniform", "--size", "40", "--output", path).status == 0)
    for command in [["relax", path], ["bound", path, "--method", "rlt1-lp"]] {
      let run = try Run(command + ["--quiet"].filter { _ in command[0] == "bound" }).finish()
      #expect(run.status == 69)
      for word in ["124880 rows", "1218400 columns", "try "] {
        #expect(run.errors.contains(word), "\(run.errors)")
      }
    }
  }

  @Test func theProgramsValueStandsBesideTheBound() throws {
    let path = temporary("cert")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let object = try qap(
      "bound", bundled("chr12a.dat"), "--method", "rlt1-lp", "--json", "-", "--quiet",
      "--certificate", path
    ).object()
    let value = try #require(object["lp_value"] as? Double)
    #expect(abs(value - 9552) < 1e-3)
    #expect(object["bound"] as? Int == 9552)
    #expect(object["lp_columns"] as? Int == 8856)
    #expect(object["lp_columns_removable"] is NSNumber)
    #expect(try qap("verify", bundled("chr12a.dat"), path).status == 0)
    // The key is there when the value is not.
    let cut = try qap(
      "bound", bundled("nug12.dat"), "--method", "rlt1-lp", "--iterations", "3", "--json", "-",
      "--quiet"
    ).object()
    #expect(cut["lp_value"] is NSNull && cut["termination"] as? String == "iterations")
  }
}

import Foundation

/// Examples name files as somebody at the root of a checkout would; this makes it so.
func goToCheckout() {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  precondition(FileManager.default.changeCurrentDirectoryPath(root.path), "no checkout")
}

/// Where examples write.
let folder = FileManager.default.temporaryDirectory.path

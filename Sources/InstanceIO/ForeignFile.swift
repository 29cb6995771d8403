import QAP

/// Files of other programs that are not read: how to recognize them, and how to convert them.
enum ForeignFile {
  /// Throws when `bytes` are a file of another program, and says how to convert it.
  static func refuse(_ bytes: [UInt8], file: String) throws(InputError) {
    guard let (found, remedy) = kind(of: bytes) else { return }
    throw InputError(file, found: found, expected: "text, .npy, .npz or .safetensors; \(remedy)")
  }

  private static func kind(of bytes: [UInt8]) -> (found: String, remedy: String)? {
    func starts(_ magic: String) -> Bool { bytes.starts(with: magic.utf8) }
    if bytes.starts(with: [0x89] + Array("HDF".utf8)) {
      return (
        "an HDF5 file (or MATLAB 7.3)",
        "convert it with numpy.save('x.npy', h5py.File('x.h5')['NAME'][:])"
      )
    }
    if starts("MATLAB 5.0") {
      return (
        "a MATLAB file", "convert it with numpy.save('x.npy', scipy.io.loadmat('x.mat')['NAME'])"
      )
    }
    if starts("PAR1") || starts("ARROW1") || starts("FEA1") {
      return (
        "a Parquet or Arrow table",
        "convert it with numpy.save('x.npy', pandas.read_parquet('x.parquet').to_numpy('float64'))"
      )
    }
    // The length before a .safetensors header may begin like a pickle, but a zero follows it.
    if bytes.count > 2, bytes[0] == 0x80, (2...5).contains(bytes[1]), bytes[2] != 0 {
      return (
        "a Python pickle",
        "convert it with numpy.save('x.npy', numpy.asarray(pickle.load(open('x', 'rb'))))"
      )
    }
    if bytes.starts(with: [0xFD] + Array("7zXZ".utf8)) || starts("BZh")
      || bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
    {
      return ("an xz, bzip2 or zstd file", "unpack it first (gzip is read as it is)")
    }
    guard bytes.starts(with: [0x50, 0x4B, 3, 4]) else { return nil }
    // The name of the first file in the archive.
    let name = String(decoding: bytes.dropFirst(30).prefix(64), as: UTF8.self)
    if name.contains("data.pkl") {
      return (
        "a PyTorch file",
        "convert it with numpy.save('x.npy', torch.load('x.pt')['NAME'].float().numpy())"
      )
    }
    if name.hasPrefix("[Content_Types].xml") {
      return (
        "a spreadsheet",
        "convert it with numpy.save('x.npy', pandas.read_excel('x.xlsx').to_numpy('float64'))"
      )
    }
    return nil
  }
}

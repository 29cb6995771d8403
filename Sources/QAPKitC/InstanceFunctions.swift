// The names are those of qapkit.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CQAPKit
import QAP
import QAPGeneration
import QAPInstanceIO
import QAPKit
import QAPPrimitives

/// An instance in C's hands.
final class InstanceBox {
  let instance: Instance
  /// The sense of its objective, as a file states it.
  let sense: Sense
  /// The callback behind the costs, if there is one.
  let tensor: CallbackTensor?
  let name: CText

  init(_ instance: Instance, sense: Sense = .min, tensor: CallbackTensor? = nil) {
    self.instance = instance
    self.sense = sense
    self.tensor = tensor
    name = CText(instance.name)
  }
}

/// Writes a new instance to `result`.
private func handOut(
  _ result: UnsafeMutablePointer<OpaquePointer?>?, tensor: CallbackTensor? = nil,
  _ make: () throws -> Instance
) -> Int32 {
  unsafe handOutStated(result, tensor: tensor) { StatedInstance(instance: try make(), sense: .min) }
}

private func handOutStated(
  _ result: UnsafeMutablePointer<OpaquePointer?>?, tensor: CallbackTensor? = nil,
  _ make: () throws -> StatedInstance
) -> Int32 {
  guarded {
    let result = unsafe try place(result, "result")
    unsafe result.pointee = nil
    let stated = try make()
    unsafe result.pointee = handOut(
      InstanceBox(stated.instance, sense: stated.sense, tensor: tensor))
  }
}

/// The memory that an instance of n × n matrices takes while it is made.
private func requireMemory(_ n: Int) throws {
  try AvailableMemory.require(
    24 * Double(n) * Double(n), for: "an instance", size: n, alternative: "a smaller instance")
}

@c @implementation
public func qapkit_instance_create(
  _ flow: UnsafePointer<qapkit_matrix>?, _ distance: UnsafePointer<qapkit_matrix>?,
  _ linear: UnsafePointer<qapkit_matrix>?, _ constant: Double, _ name: UnsafePointer<CChar>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOut(result) {
    let distance = unsafe try required(distance, "distance", mayStay: true)
    try requireMemory(distance.rows)
    return try Instance(
      name: unsafe try string(name, "name") ?? "instance",
      flow: unsafe required(flow, "flow", mayStay: true), distance: distance,
      linear: unsafe matrix(linear, "linear", mayStay: true), constant: constant)
  }
}

@c @implementation
public func qapkit_instance_create_with_capacities(
  _ flow: UnsafePointer<qapkit_matrix>?, _ distance: UnsafePointer<qapkit_matrix>?,
  _ linear: UnsafePointer<qapkit_matrix>?, _ constant: Double,
  _ capacities: UnsafePointer<Int64>?, _ count: Int64, _ name: UnsafePointer<CChar>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOut(result) {
    let flow = unsafe try required(flow, "flow")
    // More facilities than there are never share a location.
    let limited = unsafe try numbers(capacities, count, "capacities").map {
      Int(max(-1, min($0, Int64(flow.rows))))
    }
    // At most 2^31 numbers of at most 2^31: no overflow.
    try requireMemory(limited.reduce(0) { $0 + max(0, $1) })
    return try Instance(
      name: unsafe try string(name, "name") ?? "instance", flow: flow,
      distance: unsafe required(distance, "distance"), linear: unsafe matrix(linear, "linear"),
      constant: constant, capacities: limited)
  }
}

@c @implementation
public func qapkit_instance_create_tensor(
  _ n: Int64, _ block: qapkit_block?, _ context: UnsafeMutableRawPointer?, _ flags: Int32,
  _ linear: UnsafePointer<qapkit_matrix>?, _ constant: Double, _ name: UnsafePointer<CChar>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  guard (1...10_000).contains(n), let block = unsafe block else {
    return guarded {
      throw Failure.argument("block is NULL, or n is \(n); expected 1 to 10000")
    }
  }
  let tensor = unsafe CallbackTensor(
    size: Int(n), isIntegral: flags & Int32(QAPKIT_TENSOR_INTEGRAL) != 0,
    isSymmetric: flags & Int32(QAPKIT_TENSOR_SYMMETRIC) != 0, block: block, context: context)
  return unsafe handOut(result, tensor: tensor) {
    let instance = try Instance(
      name: unsafe try string(name, "name") ?? "instance", cost: .tensor(tensor),
      linear: unsafe matrix(linear, "linear"), constant: constant)
    try tensor.requireSuccess()
    return instance
  }
}

@c @implementation
public func qapkit_instance_create_dense_tensor(
  _ n: Int64, _ entries: UnsafePointer<Double>?, _ linear: UnsafePointer<qapkit_matrix>?,
  _ constant: Double, _ name: UnsafePointer<CChar>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOut(result) {
    guard (1...200).contains(n) else {
      throw Failure.argument("n is \(n); expected 1 to 200, as a tensor has n^4 entries")
    }
    try AvailableMemory.require(
      8 * Double(n * n * n * n), for: "a dense tensor", size: Int(n), alternative: "a cost callback"
    )
    let values = unsafe Array(try numbers(entries, n * n * n * n, "entries"))
    guard values.allSatisfy(\.isFinite) else {
      throw Failure(Int32(QAPKIT_ERROR_DATA), "the tensor contains NaN or infinity")
    }
    return try Instance(
      name: unsafe try string(name, "name") ?? "instance",
      cost: .tensor(DenseCostTensor(size: Int(n), entries: values)),
      linear: unsafe matrix(linear, "linear"), constant: constant)
  }
}

@c @implementation
public func qapkit_instance_add_layer(
  _ instance: OpaquePointer?, _ flow: UnsafePointer<qapkit_matrix>?,
  _ distance: UnsafePointer<qapkit_matrix>?, _ weight: Double,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutStated(result) {
    let box = unsafe try object(instance, InstanceBox.self, "instance")
    guard weight.isFinite else {
      throw Failure.argument("weight is \(weight); expected a finite number")
    }
    let layer = CostLayer(
      flow: unsafe try required(flow, "flow"), distance: unsafe try required(distance, "distance"),
      weight: weight)
    return StatedInstance(instance: try box.instance.adding([layer]), sense: box.sense)
  }
}

@c @implementation
public func qapkit_instance_read(
  _ path: UnsafePointer<CChar>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOutStated(result) {
    guard let path = unsafe try string(path, "path") else {
      throw Failure.argument("path is NULL")
    }
    return try InstanceFile.problem(path)
  }
}

@c @implementation
public func qapkit_instance_write(
  _ instance: OpaquePointer?, _ path: UnsafePointer<CChar>?
) -> Int32 {
  guarded {
    guard let path = unsafe try string(path, "path") else {
      throw Failure.argument("path is NULL")
    }
    let box = unsafe try object(instance, InstanceBox.self, "instance")
    try InstanceFile.write(box.instance, sense: box.sense, to: path)
    try box.tensor?.requireSuccess()
  }
}

@c @implementation
public func qapkit_instance_generate(
  _ family: UnsafePointer<CChar>?, _ size: Int64, _ seed: UInt64,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  unsafe handOut(result) {
    guard let name = unsafe try string(family, "family") else {
      throw Failure.argument("family is NULL")
    }
    if size == 0, let published = Family.published(name) { return published }
    guard let family = Family.named(name) else {
      throw Failure.argument(
        "no family is called \(name); expected "
          + Family.all.map(\.id).joined(separator: ", ") + ", or a published name without a size")
    }
    guard size <= 10_000 else { throw Failure.argument("size is \(size); expected at most 10000") }
    return try family.generate(size: size == 0 ? nil : Int(size), seed: seed).instance
  }
}

@c @implementation
public func qapkit_instance_size(_ instance: OpaquePointer?) -> Int64 {
  unsafe (try? object(instance, InstanceBox.self, "")).map { Int64($0.instance.size) } ?? -1
}

@c @implementation
public func qapkit_instance_facilities(_ instance: OpaquePointer?) -> Int64 {
  unsafe (try? object(instance, InstanceBox.self, "")).map { Int64($0.instance.facilities) } ?? -1
}

@c @implementation
public func qapkit_instance_is_maximized(_ instance: OpaquePointer?) -> Int32 {
  unsafe (try? object(instance, InstanceBox.self, "")).map { $0.sense == .max ? 1 : 0 } ?? -1
}

@c @implementation
public func qapkit_instance_name(_ instance: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe (try? object(instance, InstanceBox.self, ""))?.name.pointer
}

/// The matrix `which` of an instance as it was given; nil when it has none.
private func given(_ instance: Instance, _ which: Int32) -> Matrix<Double>? {
  if which == Int32(QAPKIT_SITES), !instance.sites.isEmpty {
    return Matrix(
      rows: 1, columns: instance.size, elements: instance.sites.map { Double($0) })
  }
  if instance.tensor != nil {
    return which == Int32(QAPKIT_LINEAR) ? instance.linear : nil
  }
  guard let given = instance.given else { return nil }
  switch Int(which) {
  case Int(QAPKIT_FLOW): return given.flow
  case Int(QAPKIT_DISTANCE): return given.distance
  case Int(QAPKIT_LINEAR): return given.linear
  default: return nil
  }
}

@c @implementation
public func qapkit_instance_has(_ instance: OpaquePointer?, _ matrix: Int32) -> Int32 {
  guard let box = unsafe try? object(instance, InstanceBox.self, "") else { return 0 }
  return given(box.instance, matrix) == nil ? 0 : 1
}

@c @implementation
public func qapkit_instance_copy(
  _ instance: OpaquePointer?, _ matrix: Int32, _ values: UnsafeMutablePointer<Double>?,
  _ capacity: Int64
) -> Int32 {
  guarded {
    let box = unsafe try object(instance, InstanceBox.self, "instance")
    guard let matrix = given(box.instance, matrix) else {
      throw Failure.argument("the instance has no such matrix")
    }
    unsafe try copy(matrix.elements.array, to: values, capacity)
  }
}

/// Copies `elements` to C memory with room for `capacity`.
func copy<Element>(
  _ elements: [Element], to memory: UnsafeMutablePointer<Element>?, _ capacity: Int64
) throws {
  guard capacity >= elements.count else {
    throw Failure.argument("capacity is \(capacity); expected at least \(elements.count)")
  }
  let memory = unsafe try place(memory, "values")
  for (index, element) in elements.enumerated() { unsafe memory[index] = element }
}

@c @implementation
public func qapkit_instance_constant(
  _ instance: OpaquePointer?, _ value: UnsafeMutablePointer<Double>?
) -> Int32 {
  guarded {
    let box = unsafe try object(instance, InstanceBox.self, "instance")
    unsafe try place(value, "value").pointee = box.instance.constant
  }
}

/// The assignment that C describes by the locations of the facilities that were given; locations
/// that are left go to those that pad the instance.
func assignment(_ locations: [Int], of instance: Instance, _ name: String) throws -> Assignment {
  let (m, n) = (instance.facilities, instance.size)
  if !instance.sites.isEmpty {
    guard locations.count == m,
      let placed = SolveReport.assignment(locations, sites: instance.sites, size: n)
    else {
      throw Failure.argument(
        "\(name) is no assignment of \(m) facilities to \(instance.siteCount) locations "
          + "within their capacities")
    }
    return placed
  }
  guard locations.count == m || locations.count == n else {
    throw Failure.argument("\(name) has \(locations.count) entries; expected \(m)")
  }
  let given = Set(locations)
  let rest = locations.count < n ? (0..<n).filter { !given.contains($0) } : []
  guard let assignment = Assignment(locations: locations + rest), assignment.size == n else {
    throw Failure.argument("\(name) is not a permutation of 0 to \(n - 1)")
  }
  return assignment
}

@c @implementation
public func qapkit_instance_objective(
  _ instance: OpaquePointer?, _ locations: UnsafePointer<Int64>?, _ count: Int64,
  _ value: UnsafeMutablePointer<Double>?
) -> Int32 {
  guarded {
    let box = unsafe try object(instance, InstanceBox.self, "instance")
    let locations = unsafe try numbers(locations, count, "assignment").map { Int($0) }
    let placed = try assignment(locations, of: box.instance, "assignment")
    unsafe try place(value, "value").pointee = box.instance.objective(of: placed)
    try box.tensor?.requireSuccess()
  }
}

@c @implementation
public func qapkit_instance_free(_ instance: OpaquePointer?) {
  unsafe takeBack(instance, InstanceBox.self)
}

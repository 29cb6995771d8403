// What Swift's SIMD types lack: steps on sixteen 32-bit integers that compile to the machine's own
// instructions. Clang's vector extensions, no library and no intrinsics of any one machine.
#pragma once
#include <stdint.h>

typedef int32_t lanes_t __attribute__((ext_vector_type(16)));
typedef _Bool lanes_mask_t __attribute__((ext_vector_type(16)));

#define LANES_INLINE static inline __attribute__((always_inline))

// The smallest lane.
LANES_INLINE int32_t lanes_least(lanes_t x) { return __builtin_reduce_min(x); }

// The lesser of each two lanes.
LANES_INLINE lanes_t lanes_lesser(lanes_t x, lanes_t y) { return __builtin_elementwise_min(x, y); }

// Bit l is set where lane l is zero.
LANES_INLINE uint32_t lanes_zeros(lanes_t x) {
  union {
    lanes_mask_t mask;
    uint16_t bits;
  } zeros;
  zeros.mask = __builtin_convertvector(x == 0, lanes_mask_t);
  return zeros.bits;
}

// Lanes of at least `limit` become `none`.
LANES_INLINE lanes_t lanes_capped(lanes_t x, int32_t limit, int32_t none) {
  return x >= (lanes_t)limit ? (lanes_t)none : x;
}

// `x`, and `y` in the lanes whose bit is set.
LANES_INLINE lanes_t lanes_blend(lanes_t x, lanes_t y, uint32_t bits) {
  union {
    lanes_mask_t mask;
    uint16_t bits;
  } chosen;
  chosen.bits = (uint16_t)bits;
  return __builtin_convertvector(chosen.mask, lanes_t) != 0 ? y : x;
}

// Bit l is set where lane l of `x` is less than that of `y`.
LANES_INLINE uint32_t lanes_less(lanes_t x, lanes_t y) {
  union {
    lanes_mask_t mask;
    uint16_t bits;
  } less;
  less.mask = __builtin_convertvector(x < y, lanes_mask_t);
  return less.bits;
}

// Sixteen 32-bit floats, none of them NaN.
typedef float float_lanes_t __attribute__((ext_vector_type(16)));
typedef float float_half_t __attribute__((ext_vector_type(8)));
typedef float float_quarter_t __attribute__((ext_vector_type(4)));

// The lesser of each two lanes.
LANES_INLINE float_lanes_t float_lanes_lesser(float_lanes_t x, float_lanes_t y) {
  return x < y ? x : y;
}

// The smallest lane.
LANES_INLINE float float_lanes_least(float_lanes_t x) {
  float_half_t a = x.lo < x.hi ? x.lo : x.hi;
  float_quarter_t b = a.lo < a.hi ? a.lo : a.hi;
  float c = b.x < b.z ? b.x : b.z, d = b.y < b.w ? b.y : b.w;
  return c < d ? c : d;
}

// The sum of the lanes.
LANES_INLINE float float_lanes_total(float_lanes_t x) {
  float_half_t a = x.lo + x.hi;
  float_quarter_t b = a.lo + a.hi;
  return (b.x + b.z) + (b.y + b.w);
}

// `x` where the key is at most `limit`, infinite elsewhere.
LANES_INLINE float_lanes_t float_lanes_open(float_lanes_t x, float_lanes_t keys, float limit) {
  return keys <= (float_lanes_t)limit ? x : (float_lanes_t)__builtin_inff();
}

// The sum of the lanes, which must not overflow.
LANES_INLINE int32_t lanes_total(lanes_t x) { return __builtin_reduce_add(x); }

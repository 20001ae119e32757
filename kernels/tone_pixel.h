// From the R'G'B' of a pixel to light and back, with what is too bright brought below the target's white; on
// host and device alike.
#pragma once

#include "kernels/colour.h"

namespace millrace::kernels {

struct Rgb {
  float red, green, blue;
};

MILLRACE_PIXEL float dot(float a, float x, float b, float y, float c, float z) {
  return multiply_add(c, z, multiply_add(b, y, a * x));
}

// BT.2100-2 table 4. Both ways between 0..1 of PQ and 0..1 of 10000 nits.
MILLRACE_PIXEL float light_of_pq(float value) {
  const float root = power_of(value, 32.0F / 2523.0F);
  const float over = at_least(root - 3424.0F / 4096.0F, 0.0F);
  return power_of(over / multiply_add(root, -2392.0F / 128.0F, 2413.0F / 128.0F), 16384.0F / 2610.0F);
}
MILLRACE_PIXEL float pq_of_light(float light) {
  const float root = power_of(light, 2610.0F / 16384.0F);
  return power_of(
      multiply_add(root, 2413.0F / 128.0F, 3424.0F / 4096.0F) / multiply_add(root, 2392.0F / 128.0F, 1.0F),
      2523.0F / 32.0F);
}

// BT.2100-2 table 5: the inverse OETF of HLG, to 0..1 of scene light.
MILLRACE_PIXEL float scene_of_hlg(float value) {
  if (value <= 0.5F) return value * value * (1.0F / 3.0F);
  const float exponent = (value - 0.55991073F) * (1.44269504F / 0.17883277F);  // c, log2(e) / a
  return (exp2_of(exponent) + 0.28466892F) * (1.0F / 12.0F);                   // b
}

// BT.2390-10 §5.4.1: the brightest component is rolled off in PQ above the knee; black stays black.
MILLRACE_PIXEL float rolled_off(const ColourMap& map, float light) {
  const float share = at_most(pq_of_light(light) / map.peak_pq, 1.0F);
  if (share <= map.knee) return light;
  const float rest = 1.0F - map.knee;
  const float t = (share - map.knee) / rest;
  const float square = t * t;
  const float cube = square * t;
  // Hermite: from the knee with slope 1 to the top with slope 0.
  const float start = multiply_add(2.0F, cube, multiply_add(-3.0F, square, 1.0F));
  const float slope = multiply_add(-2.0F, square, cube + t);
  const float end = multiply_add(-2.0F, cube, 3.0F * square);
  return light_of_pq(dot(start, map.knee, slope, rest, end, map.top) * map.peak_pq);
}

// Hable's curve over x: ((x (A x + C B) + D E) / (x (A x + B) + D F) - E / F) / x with A 0.15, B 0.5, C 0.1,
// D 0.2, E 0.02 and F 0.3, brought to one fraction.
MILLRACE_PIXEL float filmic_gain(float light) {
  return multiply_add(light, 0.14F, 1.0F / 60.0F) /
         multiply_add(light, multiply_add(light, 0.15F, 0.5F), 0.06F);
}

// By Hable's curve, one factor for all three, which keeps the hue.
MILLRACE_PIXEL Rgb toned(const ColourMap& map, const Rgb& light) {
  const float brightest = at_least(at_least(at_least(light.red, light.green), light.blue), 0.0F);
  const float gain = filmic_gain(brightest) * map.hable_gain;
  return {light.red * gain, light.green * gain, light.blue * gain};
}

// Linear light of a pixel, 1 being the target's white; above it only where Hable's curve comes after.
MILLRACE_PIXEL Rgb linear(const ColourMap& map, const Rgb& coded) {
  if (map.light == ColourMap::Light::sdr)
    return {power_of(coded.red, 2.4F), power_of(coded.green, 2.4F), power_of(coded.blue, 2.4F)};
  Rgb light{};
  if (map.light == ColourMap::Light::pq) {
    light = {light_of_pq(coded.red), light_of_pq(coded.green), light_of_pq(coded.blue)};
  } else {
    light = {scene_of_hlg(coded.red), scene_of_hlg(coded.green), scene_of_hlg(coded.blue)};
    if (map.light == ColourMap::Light::hlg_each) {
      const float power = 1.0F + map.hlg_power, gain = map.peak * map.white_gain;
      return {gain * power_of(light.red, power), gain * power_of(light.green, power),
              gain * power_of(light.blue, power)};
    }
    const float luminance =
        dot(map.light_red, light.red, map.light_green, light.green, map.light_blue, light.blue);
    const float gain = map.peak * power_of(luminance, map.hlg_power);
    light = {light.red * gain, light.green * gain, light.blue * gain};
  }
  if (map.hable_gain > 0.0F)
    return {light.red * map.white_gain, light.green * map.white_gain, light.blue * map.white_gain};
  const float brightest = at_least(at_least(light.red, light.green), light.blue);
  if (!(brightest > 1e-9F)) return {0.0F, 0.0F, 0.0F};
  const float gain = rolled_off(map, brightest) / brightest * map.white_gain;
  return {light.red * gain, light.green * gain, light.blue * gain};
}

// BT.1886 backwards. Filmic light may be brighter than white, as zscale lets it.
MILLRACE_PIXEL float shown(const ColourMap& map, float light) {
  return power_of(clamped(light, 0.0F, map.hable_gain > 0.0F ? 100.0F : 1.0F), 1.0F / 2.4F);
}

}  // namespace millrace::kernels

// least_decibels: how far two pictures in memory are alike. Pure; internal to engine/verify and its tests.
#pragma once

#include "engine/base/status.h"

struct AVFrame;

namespace millrace::engine {

// As Likeness::least_decibels, of one picture: over its planes Y, Cb and Cr. internal for pictures of
// different sizes, and for others than planar 4:2:0, both of 8 or both of 10 bits.
Result<double> least_decibels(const AVFrame& one, const AVFrame& other);

}  // namespace millrace::engine

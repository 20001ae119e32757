// FFmpeg's messages go to the process's log. Safe to call from any thread, any number of times; the first
// call sets a variable of the environment, so it comes before threads that read those.
#pragma once

#include <string>

namespace millrace::engine {

// From `warning` on, at most a few hundred lines a minute: a damaged file can make a decoder say thousands.
// Encoders that write to stderr by themselves are told to be quiet.
void init_media_log();

// The first errors that FFmpeg said on this thread since forget_media_words(), as one line; empty: none. They
// often tell what the number that it returns does not.
std::string media_words();
void forget_media_words();

}  // namespace millrace::engine

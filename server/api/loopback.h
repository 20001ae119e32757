// How the edge speaks to the api: names both sides use on the loopback hop.
#pragma once

namespace millrace::server {

// Proves that a request comes from the edge of this process. Never passed on from outside.
inline constexpr char kSecretHeader[] = "X-Millrace-Secret";
// A number the edge makes up for each request; the answer repeats it, so that an answer cannot reach another
// request.
inline constexpr char kExchangeHeader[] = "X-Millrace-Exchange";

}  // namespace millrace::server

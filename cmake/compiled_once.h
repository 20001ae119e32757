// Templates of libraries that most sources use: precompiled headers end with this, so that they are compiled
// in compiled_once.cpp alone instead of in every object that formats a string (up to 3 s each).
#pragma once

#include <fmt/format.h>

#if FMT_VERSION < 110000  // later ones keep it out of the headers themselves
extern template void fmt::detail::vformat_to(buffer<char>&, string_view, basic_format_args<format_context>,
                                             locale_ref);
#endif

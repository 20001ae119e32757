// What compiled_once.h keeps out of the other objects.
#include <fmt/format.h>

#if FMT_VERSION < 110000
template void fmt::detail::vformat_to(buffer<char>&, string_view, basic_format_args<format_context>,
                                      locale_ref);
#endif

// The page at "/", for people who open the address in a browser.
#pragma once

#include <string_view>

namespace millrace::server {

std::string_view front_page();

}  // namespace millrace::server

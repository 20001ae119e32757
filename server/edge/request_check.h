// What a request's head must keep to beyond what the parser checks. Pure.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/system/error_code.hpp>
#include <optional>
#include <string>

#include "server/http/message.h"

namespace millrace::server {

using RequestHead = boost::beast::http::request_header<>;

// The refusal of a head whose length or host could be read in two ways (request smuggling), or that asks for
// what this server does not do. After a refusal the connection must be closed: where the next request begins
// is not sure.
std::optional<Reply> check_head(const RequestHead& head);

// The refusal of a Host that names another machine than this one: a page whose site made its name mean
// 127.0.0.1 is sent with that name (DNS rebinding). For servers that ask for no token.
std::optional<Reply> check_host(const RequestHead& head);

// The answer to a head or body that the parser refused; nothing when the client just went away.
std::optional<Reply> answer_to_parser(const boost::system::error_code& error);

bool expects_continue(const RequestHead& head);

}  // namespace millrace::server

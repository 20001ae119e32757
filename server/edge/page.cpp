#include "server/edge/page.h"

namespace millrace::server {

std::string_view front_page() {
  return R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Millrace</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:3em auto;padding:0 1em}pre{overflow-x:auto}</style>
<h1>Millrace</h1>
<p>A transcoding appliance: hand it a video, get back a ladder ready to stream and a receipt that says it is whole.</p>
<p>It speaks JSON over HTTP: <a href="/v1/openapi.json">/v1/openapi.json</a> describes all of it, with a token that
<code>millrace serve</code> printed at its first start.</p>
<pre>curl -H "Authorization: Bearer $TOKEN" -d '{"input": {"url": "file:///media/in.mov"},
  "outputs": [{"name": "abr", "type": "adaptive"}]}' http://ADDRESS/v1/jobs</pre>
</html>
)html";
}

}  // namespace millrace::server

// SPDX-License-Identifier: MIT
// The answer of hello.cppm, written by hand against uWSGI's interface.
#include "uwsgi_server.h"

namespace {

int request(wsgi_request* request) {
  static char status[] = "200 OK";
  static char name[] = "Content-Type";
  static char value[] = "text/plain";
  static char body[] = "Hello, World!";
  if (uwsgi_parse_vars(request) != 0) return -1;
  uwsgi_response_prepare_headers(request, status, sizeof status - 1);
  uwsgi_response_add_header(request, name, sizeof name - 1, value, sizeof value - 1);
  uwsgi_response_add_content_length(request, sizeof body - 1);
  uwsgi_response_write_body_do(request, body, sizeof body - 1);
  return UWSGI_OK;
}

consteval uwsgi_plugin plugin() {
  uwsgi_plugin plugin{};
  plugin.name = "uwsgi_by_hand";
  plugin.modifier1 = FORKSAFE_UWSGI_MODIFIER;
  plugin.request = request;
  return plugin;
}

}  // namespace

extern "C" {
extern constinit uwsgi_plugin uwsgi_by_hand_plugin = plugin();
}

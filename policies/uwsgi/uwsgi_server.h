// SPDX-License-Identifier: MIT
// The header that the installed uWSGI prints has no include guard, and does not declare these two.
#pragma once
#include <uwsgi.h>
extern "C" uwsgi_server uwsgi;
extern "C" uwsgi_plugin unconfigured_plugin;

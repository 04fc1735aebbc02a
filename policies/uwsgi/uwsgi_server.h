// SPDX-License-Identifier: MIT
// The header that the installed uWSGI prints has no include guard, and leaves these two for the plugins to declare.
#pragma once
#include <uwsgi.h>
extern "C" uwsgi_server uwsgi;
extern "C" uwsgi_plugin unconfigured_plugin;

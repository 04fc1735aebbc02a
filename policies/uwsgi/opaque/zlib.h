// SPDX-License-Identifier: MIT
// Stands in where the development files of zlib are missing: uwsgi.h only has pointers to this type.
#pragma once
typedef struct z_stream_s z_stream;

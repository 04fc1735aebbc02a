// SPDX-License-Identifier: MIT
// Stands in where the development files of libcap are missing: uwsgi.h only has pointers to this type.
#pragma once
typedef int cap_value_t;

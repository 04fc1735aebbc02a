// SPDX-License-Identifier: MIT
// Stands in where the development files of libuuid are missing: uwsgi.h includes them (2.0.28) and uses none of them.
#pragma once

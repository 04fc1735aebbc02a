// SPDX-License-Identifier: MIT
// Stands in where the development files of PCRE are missing: uwsgi.h only has pointers to these types.
#pragma once
typedef struct real_pcre pcre;
typedef struct pcre_extra pcre_extra;

// SPDX-License-Identifier: MIT
// Stands in where the development files of PCRE2 are missing: uwsgi.h only has pointers to these types.
#pragma once
typedef struct pcre2_real_code_8 pcre2_code;
typedef struct pcre2_real_match_data_8 pcre2_match_data;

// SPDX-License-Identifier: MIT
// Stands in where the development files of OpenSSL are missing.
#pragma once

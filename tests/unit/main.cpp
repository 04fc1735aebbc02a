// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE forksafe
#include <boost/test/unit_test.hpp>

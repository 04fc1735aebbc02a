# SPDX-License-Identifier: MIT
# The scenarios of the embedded server.
forksafe_add_app(hooksonly TYPE hooksonly::HooksOnly MODULES standalone_hooksonly.cppm SOURCES standalone_hooksonly.cpp
  CONTAINERS standalone)

# Adds every method of every class of a file, so that none is forgotten.
function(forksafe_add_standalone_tests suite)
  set(file ${CMAKE_CURRENT_SOURCE_DIR}/${suite}.py)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(STRINGS ${file} lines REGEX "^class |^    def test_")
  foreach(line IN LISTS lines)
    if(line MATCHES "^class ([A-Za-z]+)")
      set(class ${CMAKE_MATCH_1})
    elseif(line MATCHES "def (test_[a-z0-9_]+)")
      forksafe_add_container_test(${suite} ${class}.${CMAKE_MATCH_1})
    endif()
  endforeach()
endfunction()

forksafe_add_standalone_tests(test_standalone)
forksafe_add_standalone_tests(test_standalone_failures)
forksafe_add_standalone_tests(test_standalone_framing)
forksafe_add_standalone_tests(test_standalone_http)
forksafe_add_standalone_tests(test_standalone_leaving)
forksafe_add_standalone_tests(test_standalone_master)
forksafe_add_standalone_tests(test_standalone_start)

forksafe_add_serving_tests()

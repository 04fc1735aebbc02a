# SPDX-License-Identifier: MIT
# forksafe_add_app: builds what a container loads. Used by this tree and, installed, by every project that finds it.
include_guard(GLOBAL)

set(FORKSAFE_POLICIES_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "Where the containers' folders are")
set(FORKSAFE_CONTAINER standalone CACHE STRING "The container to build applications for: a folder of policies/")

# Sets NAME to the type of a container's policy: UwsgiPolicy of the folder uwsgi, OwnServerPolicy of own_server.
function(forksafe_policy_type name folder)
  string(REPLACE "_" ";" words ${folder})
  set(type "")
  foreach(word IN LISTS words)
    string(SUBSTRING ${word} 0 1 initial)
    string(SUBSTRING ${word} 1 -1 rest)
    string(TOUPPER ${initial} initial)
    string(APPEND type ${initial}${rest})
  endforeach()
  set(${name} ${type}Policy PARENT_SCOPE)
endfunction()

# Makes the targets that all applications of one container share: the module forksafe.preset and the binding.
function(_forksafe_prepare_container)
  if(TARGET forksafe_preset)
    return()
  endif()
  set(folder ${FORKSAFE_POLICIES_DIR}/${FORKSAFE_CONTAINER})
  if(NOT EXISTS ${folder}/binding.cmake)
    file(GLOB known RELATIVE ${FORKSAFE_POLICIES_DIR} ${FORKSAFE_POLICIES_DIR}/*/binding.cmake)
    string(REPLACE "/binding.cmake" "" known "${known}")
    message(FATAL_ERROR "FORKSAFE_CONTAINER is '${FORKSAFE_CONTAINER}', which has no binding: choose one of ${known}")
  endif()

  forksafe_policy_type(policy ${FORKSAFE_CONTAINER})
  set(container ${FORKSAFE_CONTAINER})
  set(generated ${CMAKE_BINARY_DIR}/forksafe)
  configure_file(${FORKSAFE_POLICIES_DIR}/preset.cppm.in ${generated}/preset.cppm @ONLY)
  add_library(forksafe_preset STATIC)
  target_sources(forksafe_preset PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${generated} FILES ${generated}/preset.cppm)
  target_link_libraries(forksafe_preset PUBLIC forksafe::forksafe)

  include(${folder}/binding.cmake)
  forksafe_add_binding(forksafe_binding ${folder})
endfunction()

# forksafe_add_app(NAME TYPE type MODULES file... [MODULE module] [SOURCES file...] [LIBRARIES target...])
#
# NAME       the application: the registry's name, the artefact's name, the prefix of its environment variables
# TYPE       the ForkSafeApp, as other code names it: shop::Shop
# MODULES    the module interface units that define it
# MODULE     the module that exports TYPE; NAME unless given
# SOURCES    implementation units and other sources
# LIBRARIES  what they link
#
# Makes the library NAME_app, which unit tests link to assert the configuration, and the target NAME: an executable for
# standalone, NAME_plugin.so for uwsgi, NAME.abi3.so for gunicorn and celery.
function(forksafe_add_app name)
  cmake_parse_arguments(PARSE_ARGV 1 app "" "TYPE;MODULE" "MODULES;SOURCES;LIBRARIES")
  if(app_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "forksafe_add_app(${name}): unknown argument ${app_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT app_TYPE OR NOT app_MODULES)
    message(FATAL_ERROR "forksafe_add_app(${name}): say TYPE, the ForkSafeApp to run, and MODULES, the files that define it")
  endif()
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "forksafe_add_app(${name}): the name becomes a C symbol: use a-z, 0-9 and _, a letter first")
  endif()
  if(NOT app_MODULE)
    set(app_MODULE ${name})
  endif()
  if(NOT CMAKE_POSITION_INDEPENDENT_CODE)
    message(FATAL_ERROR "forksafe_add_app(${name}): containers load shared objects: set CMAKE_POSITION_INDEPENDENT_CODE to ON")
  endif()
  _forksafe_prepare_container()

  add_library(${name}_app STATIC)
  target_sources(${name}_app
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${CMAKE_CURRENT_SOURCE_DIR} FILES ${app_MODULES}
    PRIVATE ${app_SOURCES})
  target_link_libraries(${name}_app PUBLIC forksafe::forksafe forksafe_preset ${app_LIBRARIES})

  set(entry ${CMAKE_CURRENT_BINARY_DIR}/${name}_entry.cpp)
  set(type ${app_TYPE})
  set(module ${app_MODULE})
  configure_file(${FORKSAFE_POLICIES_DIR}/${FORKSAFE_CONTAINER}/entry.cpp.in ${entry} @ONLY)
  forksafe_add_artefact(${name} ${entry})
  target_link_libraries(${name} PRIVATE ${name}_app forksafe_binding)
endfunction()

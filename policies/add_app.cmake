# SPDX-License-Identifier: MIT
# forksafe_add_app: builds what a container loads. Used by this tree and, installed, by every project that finds it.
include_guard(GLOBAL)

set(FORKSAFE_POLICIES_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "Where the containers' folders are")
set(FORKSAFE_CONTAINER standalone CACHE STRING
  "The container to build applications for, or a list of some: folders of policies/, or paths of folders like them")
include(${CMAKE_CURRENT_LIST_DIR}/containers.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/dialect.cmake)

# Makes an application's library and artefact for one container, with the arguments of the call below.
function(_forksafe_add_app_for container name)
  forksafe_suffix(suffix ${container})
  forksafe_add_preset(preset ${container})
  forksafe_add_binding(binding ${container})
  set(target ${name}${suffix})
  set(library ${name}_app${suffix})

  add_library(${library} STATIC)
  target_sources(${library}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${CMAKE_CURRENT_SOURCE_DIR} FILES ${app_MODULES}
    PRIVATE ${app_SOURCES})
  target_link_libraries(${library} PUBLIC forksafe::forksafe ${preset} ${app_LIBRARIES})

  set(entry ${CMAKE_CURRENT_BINARY_DIR}/${target}_entry.cpp)
  set(type ${app_TYPE})
  set(module ${app_MODULE})
  _forksafe_room(room ${container})
  configure_file(${room}/entry.cpp.in ${entry} @ONLY)
  cmake_language(CALL forksafe_add_${container}_artefact ${target} ${name} ${entry})
  set(folder ${CMAKE_BINARY_DIR})
  if(suffix)
    set(folder ${folder}/${container})
  endif()
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${folder} LIBRARY_OUTPUT_DIRECTORY ${folder})
  target_link_libraries(${target} PRIVATE ${library} ${binding})
endfunction()

# Refuses an application of which the listed files export other modules than the one that the entry imports, because the
# compiler would only say that there is none. A file that is generated later may export any.
function(_forksafe_check_module name)
  set(found)
  foreach(file IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    if(NOT EXISTS ${file})
      return()
    endif()
    file(READ ${file} text)
    string(REGEX MATCHALL "(^|\n)[ \t]*export[ \t]+module[ \t]+[A-Za-z0-9_.]+[ \t]*:?" declared "${text}")
    # A partition has a colon, and cannot be imported from outside.
    list(FILTER declared EXCLUDE REGEX ":$")
    list(TRANSFORM declared REPLACE ".*[ \t]([^ \t]+)[ \t]*$" "\\1")
    list(APPEND found ${declared})
  endforeach()
  if(found AND NOT name IN_LIST found)
    list(JOIN found " or MODULE " cure)
    message(FATAL_ERROR "forksafe_add_app(${name}): no file of MODULES exports a module of that name: say MODULE ${cure}")
  endif()
endfunction()

# forksafe_add_app(NAME TYPE type MODULES file... [MODULE module] [SOURCES file...] [LIBRARIES target...]
#                  [CONTAINERS container...])
#
# NAME        the application: the registry's name, the artefact's name, the prefix of its environment variables
# TYPE        the ForkSafeApp, as other code names it: shop::Shop
# MODULES     the module interface units that define it
# MODULE      the module that exports TYPE; NAME unless given, and then one of the files must export it
# SOURCES     implementation units and other sources
# LIBRARIES   what they link
# CONTAINERS  for which of FORKSAFE_CONTAINER it is built, entries as there; all unless given
#
# Makes the library NAME_app, which unit tests link to assert the configuration, and the target NAME: an executable for
# standalone, NAME_plugin.so for uwsgi, NAME.abi3.so for gunicorn and celery. Where FORKSAFE_CONTAINER lists several, it makes
# both for each of them, since forksafe.preset differs: NAME_app_uwsgi, and NAME_uwsgi in the folder uwsgi/.
function(forksafe_add_app name)
  cmake_parse_arguments(PARSE_ARGV 1 app "" "TYPE;MODULE" "MODULES;SOURCES;LIBRARIES;CONTAINERS")
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
    _forksafe_check_module(${name} ${app_MODULES})
    set(app_MODULE ${name})
  endif()
  if(NOT CMAKE_POSITION_INDEPENDENT_CODE)
    message(FATAL_ERROR "forksafe_add_app(${name}): containers load shared objects: set CMAKE_POSITION_INDEPENDENT_CODE to ON")
  endif()
  set(names "")
  if("CONTAINERS" IN_LIST ARGV)
    _forksafe_names(names "forksafe_add_app(${name}): CONTAINERS" ${app_CONTAINERS})
    _forksafe_check_rooms("forksafe_add_app(${name}): CONTAINERS" ${app_CONTAINERS})
  endif()
  forksafe_containers(containers ${names})
  foreach(container IN LISTS containers)
    _forksafe_add_app_for(${container} ${name})
  endforeach()
endfunction()

# SPDX-License-Identifier: MIT
# The containers for which a tree is built, and the targets that all applications of one container share. Included by
# add_app.cmake.
#
# A container's room is a folder; its name, as in `own_server`, gives the other names. In the folder are
#   policy.cppm    the module forksafe.own_server, with the type forksafe::OwnServerPolicy
#   entry.cpp.in   the source of each artefact: @module@ exports the application's @type@, which is called @name@
#   binding.cmake  two functions:
#     forksafe_add_own_server_binding(TARGET FOLDER)         makes the library TARGET, which all artefacts share; FOLDER is
#                                                            the room. The caller links framework and policy to it.
#     forksafe_add_own_server_artefact(TARGET NAME ENTRY)    makes TARGET of the source ENTRY: an executable or a module
#                                                            library whose file is named after NAME. The caller sets its
#                                                            folder and links its libraries.
include_guard(GLOBAL)

# Sets RESULT to the type of a container's policy.
function(forksafe_policy_type result container)
  string(REPLACE "_" ";" words ${container})
  set(type "")
  foreach(word IN LISTS words)
    string(SUBSTRING ${word} 0 1 initial)
    string(SUBSTRING ${word} 1 -1 rest)
    string(TOUPPER ${initial} initial)
    string(APPEND type ${initial}${rest})
  endforeach()
  set(${result} ${type}Policy PARENT_SCOPE)
endfunction()

# Sets RESULT to a container's name: the entry of FORKSAFE_CONTAINER, or the last folder of it if that is a path.
function(_forksafe_name result room)
  string(REGEX REPLACE "^(.*/)?([^/]+)/*$" "\\2" name ${room})
  set(${result} ${name} PARENT_SCOPE)
endfunction()

# Sets RESULT to the names of the containers of this tree, or to those of them that are listed.
function(forksafe_containers result)
  set(names "")
  foreach(room IN LISTS FORKSAFE_CONTAINER)
    _forksafe_name(name ${room})
    list(APPEND names ${name})
  endforeach()
  if(ARGN)
    list(JOIN ARGN "|" wanted)
    list(FILTER names INCLUDE REGEX "^(${wanted})$")
  endif()
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

# Sets RESULT to the suffix of the names of a container's targets: empty if the tree has this container alone.
function(forksafe_suffix result container)
  forksafe_containers(containers)
  set(${result} _${container} PARENT_SCOPE)
  if(containers STREQUAL container)
    set(${result} "" PARENT_SCOPE)
  endif()
endfunction()

# Sets RESULT to the folder of a container: one beside this file, or the path in FORKSAFE_CONTAINER.
function(_forksafe_room result container)
  set(room ${FORKSAFE_POLICIES_DIR}/${container})
  foreach(path IN LISTS FORKSAFE_CONTAINER)
    _forksafe_name(name ${path})
    if(name STREQUAL container AND IS_ABSOLUTE ${path})
      if(EXISTS ${room})
        message(FATAL_ERROR "FORKSAFE_CONTAINER has ${path}, and forksafe has a container '${name}' itself: rename the folder")
      endif()
      cmake_path(NORMAL_PATH path)
      string(REGEX REPLACE "/+$" "" room ${path})
    endif()
  endforeach()
  if(NOT EXISTS ${room}/binding.cmake)
    file(GLOB known RELATIVE ${FORKSAFE_POLICIES_DIR} ${FORKSAFE_POLICIES_DIR}/*/binding.cmake)
    string(REPLACE "/binding.cmake" "" known "${known}")
    message(FATAL_ERROR "FORKSAFE_CONTAINER names '${container}', which has no binding: choose one of ${known}, or give the full "
      "path of a folder of your own")
  endif()
  set(${result} ${room} PARENT_SCOPE)
endfunction()

# Sets RESULT to the target with the module of a container's policy. Makes the target if the room is not one of forksafe.
function(_forksafe_add_policy result container)
  set(${result} forksafe::forksafe PARENT_SCOPE)
  _forksafe_room(room ${container})
  cmake_path(GET room PARENT_PATH parent)
  if(parent STREQUAL FORKSAFE_POLICIES_DIR)
    return()
  endif()
  set(target forksafe_policy_${container})
  if(NOT TARGET ${target})
    add_library(${target} STATIC)
    target_sources(${target} PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${room} FILES ${room}/policy.cppm)
    target_link_libraries(${target} PUBLIC forksafe::forksafe)
  endif()
  set(${result} ${target} PARENT_SCOPE)
endfunction()

# Sets RESULT to the target with the module forksafe.preset of a container. Makes the target unless it exists.
function(forksafe_add_preset result container)
  forksafe_suffix(suffix ${container})
  set(target forksafe_preset${suffix})
  if(NOT TARGET ${target})
    _forksafe_add_policy(library ${container})
    forksafe_policy_type(policy ${container})
    set(generated ${CMAKE_BINARY_DIR}/forksafe/${container})
    configure_file(${FORKSAFE_POLICIES_DIR}/preset.cppm.in ${generated}/preset.cppm @ONLY)
    add_library(${target} STATIC)
    target_sources(${target} PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${generated} FILES ${generated}/preset.cppm)
    # CMake 3.31 shows the modules of an installed package only to targets that link it directly.
    target_link_libraries(${target} PUBLIC forksafe::forksafe ${library})
  endif()
  set(${result} ${target} PARENT_SCOPE)
endfunction()

# Sets RESULT to the target of a container's binding. Makes the target unless it exists. The binding of a container that is made
# of others calls it for each of them.
function(forksafe_add_binding result container)
  forksafe_suffix(suffix ${container})
  set(target forksafe_binding${suffix})
  if(NOT TARGET ${target})
    _forksafe_room(room ${container})
    _forksafe_add_policy(library ${container})
    include(${room}/binding.cmake)
    cmake_language(CALL forksafe_add_${container}_binding ${target} ${room})
    target_link_libraries(${target} PUBLIC forksafe::forksafe ${library})
  endif()
  set(${result} ${target} PARENT_SCOPE)
endfunction()

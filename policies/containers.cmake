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

# Sets RESULT to a path in its only form.
function(_forksafe_folder result path)
  cmake_path(NORMAL_PATH path)
  string(REGEX REPLACE "/+$" "" path "${path}")
  set(${result} "${path}" PARENT_SCOPE)
endfunction()

# Sets RESULT to a container's name: the entry of FORKSAFE_CONTAINER, or the last folder of it if that is a path.
function(_forksafe_name result entry)
  _forksafe_folder(folder "${entry}")
  cmake_path(GET folder FILENAME name)
  set(${result} "${name}" PARENT_SCOPE)
endfunction()

# Sets RESULT to the names that need no path: those of forksafe's own containers, and of the paths in FORKSAFE_CONTAINER.
function(_forksafe_known result)
  file(GLOB known RELATIVE ${FORKSAFE_POLICIES_DIR} ${FORKSAFE_POLICIES_DIR}/*/binding.cmake)
  string(REPLACE "/binding.cmake" "" known "${known}")
  foreach(entry IN LISTS FORKSAFE_CONTAINER)
    if(IS_ABSOLUTE "${entry}")
      _forksafe_name(name "${entry}")
      list(APPEND known ${name})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES known)
  set(${result} "${known}" PARENT_SCOPE)
endfunction()

# Stops unless an entry of the list WHAT is a container of forksafe, or the full path of a room that is whole.
function(_forksafe_check_entry what entry)
  if(NOT IS_ABSOLUTE "${entry}")
    _forksafe_known(known)
    if(entry MATCHES "/")
      message(FATAL_ERROR "${what} has '${entry}': give the full path of a folder of your own, or choose one of ${known}")
    elseif(NOT entry IN_LIST known)
      message(FATAL_ERROR "${what} names '${entry}', which has no binding: choose one of ${known}, or give the full path of a "
        "folder of your own")
    endif()
    return()
  endif()
  _forksafe_name(name "${entry}")
  if(NOT name MATCHES "^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
    message(FATAL_ERROR "${what} has ${entry}, whose folder is named '${name}': rename it, for a room's name is a-z, 0-9, _")
  elseif(EXISTS ${FORKSAFE_POLICIES_DIR}/${name})
    message(FATAL_ERROR "${what} has ${entry}, and forksafe has a container '${name}' itself: rename the folder")
  elseif(NOT IS_DIRECTORY "${entry}")
    message(FATAL_ERROR "${what} has ${entry}, which is no folder: give the full path of a container's room")
  endif()
  foreach(file IN ITEMS binding.cmake policy.cppm entry.cpp.in)
    if(NOT EXISTS "${entry}/${file}")
      message(FATAL_ERROR "${what} has ${entry}, which holds no ${file}: write it as ${FORKSAFE_POLICIES_DIR}/containers.cmake "
        "describes a room")
    endif()
  endforeach()
endfunction()

# Sets RESULT to the names of a list's entries, which are checked. The list is called WHAT in messages.
function(_forksafe_names result what)
  set(names "")
  set(rooms "")
  foreach(entry IN LISTS ARGN)
    if(entry STREQUAL "")
      continue()
    endif()
    _forksafe_name(name "${entry}")
    _forksafe_check_entry("${what}" "${entry}")
    _forksafe_folder(room "${entry}")
    if(room IN_LIST rooms)
      message(FATAL_ERROR "${what} names '${name}' twice: drop one of them")
    elseif(name IN_LIST names)
      message(FATAL_ERROR "${what} has ${room}, and two rooms are named '${name}': rename one of the folders")
    endif()
    list(APPEND names ${name})
    list(APPEND rooms "${room}")
  endforeach()
  if(NOT names)
    _forksafe_known(known)
    message(FATAL_ERROR "${what} is empty: choose one of ${known}, or give the full path of a folder of your own")
  endif()
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

# Sets RESULT to the names of the containers of this tree, or to those of them that are listed.
function(forksafe_containers result)
  _forksafe_names(names FORKSAFE_CONTAINER ${FORKSAFE_CONTAINER})
  if(ARGN)
    set(wanted ${ARGN})
    foreach(name IN LISTS names)
      if(NOT name IN_LIST wanted)
        list(REMOVE_ITEM names ${name})
      endif()
    endforeach()
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
    _forksafe_name(name "${path}")
    if(name STREQUAL container AND IS_ABSOLUTE "${path}")
      _forksafe_folder(room "${path}")
    endif()
  endforeach()
  if(NOT EXISTS ${room}/binding.cmake)
    _forksafe_check_entry(forksafe_add_binding "${container}")
  endif()
  set(${result} ${room} PARENT_SCOPE)
endfunction()

# Stops where an entry of the list WHAT is the path of a room, and the tree is built for another room of its name.
function(_forksafe_check_rooms what)
  foreach(entry IN LISTS ARGN)
    _forksafe_name(name "${entry}")
    forksafe_containers(mine ${name})
    if(IS_ABSOLUTE "${entry}" AND mine)
      _forksafe_folder(room "${entry}")
      _forksafe_room(built ${name})
      if(NOT room STREQUAL built)
        message(FATAL_ERROR "${what} has ${room}, and FORKSAFE_CONTAINER has ${built}, another room of this name: give the same "
          "path, or '${name}'")
      endif()
    endif()
  endforeach()
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
    target_link_libraries(${target} PUBLIC ${library})
  endif()
  set(${result} ${target} PARENT_SCOPE)
endfunction()

# Keeps the warnings of forksafe's own sources out of other projects, which can do nothing about them, also under -Werror.
function(_forksafe_quiet target)
  if(NOT TARGET forksafe_warnings)
    target_compile_options(${target} PRIVATE -w)
  endif()
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
    foreach(part IN ITEMS binding artefact)
      if(NOT COMMAND forksafe_add_${container}_${part})
        message(FATAL_ERROR "${room}/binding.cmake defines no function forksafe_add_${container}_${part}: name its functions after "
          "the folder")
      endif()
    endforeach()
    cmake_language(CALL forksafe_add_${container}_binding ${target} ${room})
    target_link_libraries(${target} PUBLIC forksafe::forksafe ${library})
    _forksafe_quiet(${target})
  endif()
  set(${result} ${target} PARENT_SCOPE)
endfunction()

# SPDX-License-Identifier: MIT
# uWSGI loads NAME_plugin.so. The plugin is compiled with the header and the definitions that the installed uWSGI prints: the
# layout of its structures depends on how it was built.

set(FORKSAFE_UWSGI_MODIFIER 177 CACHE STRING "uWSGI's number for requests to the application's plugin")

# The modifiers of the plugins in uWSGI's own source tree, 2.0.21 to 2.0.30.
set_property(GLOBAL PROPERTY FORKSAFE_UWSGI_RESERVED_MODIFIERS
  0 5 6 7 8 9 11 14 15 17 18 19 23 24 25 27 28 35 100 101 110 111 173 250 255)

function(_forksafe_check_uwsgi_modifier)
  get_property(reserved GLOBAL PROPERTY FORKSAFE_UWSGI_RESERVED_MODIFIERS)
  if(NOT FORKSAFE_UWSGI_MODIFIER MATCHES "^[0-9]+$" OR FORKSAFE_UWSGI_MODIFIER GREATER 255)
    message(FATAL_ERROR "FORKSAFE_UWSGI_MODIFIER is '${FORKSAFE_UWSGI_MODIFIER}': uWSGI's modifiers are 0 to 255")
  endif()
  if(FORKSAFE_UWSGI_MODIFIER IN_LIST reserved)
    string(REPLACE ";" ", " reserved "${reserved}")
    message(FATAL_ERROR "FORKSAFE_UWSGI_MODIFIER is ${FORKSAFE_UWSGI_MODIFIER}, which one of uWSGI's own plugins uses: "
      "choose a number that is none of ${reserved}")
  endif()
endfunction()

# Asks the installed uWSGI for its header, and for the flags with which it was compiled.
function(_forksafe_ask_uwsgi folder header flags)
  find_program(FORKSAFE_UWSGI_PROGRAM uwsgi DOC "The uWSGI that is to run the applications")
  if(NOT FORKSAFE_UWSGI_PROGRAM)
    message(FATAL_ERROR "there is no uwsgi, whose header the plugin is compiled against: install it (Debian and Ubuntu: "
      "apt install uwsgi-core) or set FORKSAFE_UWSGI_PROGRAM to where it is")
  endif()
  execute_process(COMMAND ${FORKSAFE_UWSGI_PROGRAM} --dot-h
    OUTPUT_VARIABLE text RESULT_VARIABLE header_status ERROR_VARIABLE errors)
  execute_process(COMMAND ${FORKSAFE_UWSGI_PROGRAM} --cflags
    OUTPUT_VARIABLE printed RESULT_VARIABLE flags_status ERROR_VARIABLE errors OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(header_status OR flags_status OR NOT text MATCHES "struct uwsgi_plugin {")
    message(FATAL_ERROR "${FORKSAFE_UWSGI_PROGRAM} does not print its own header and flags (--dot-h, --cflags), without "
      "which no plugin can be built for it: ${errors}")
  endif()
  string(REGEX REPLACE ".*UWSGI_VERSION=[\"\\\\]*([0-9a-zA-Z.-]*).*" "\\1" version "${printed}")
  if(NOT text MATCHES "pre_uwsgi_fork")
    message(FATAL_ERROR "${FORKSAFE_UWSGI_PROGRAM} is uWSGI ${version}, which calls no plugin before it forks: "
      "2.0.21 is the first version with the hooks pre_uwsgi_fork and post_uwsgi_fork")
  endif()
  file(CONFIGURE OUTPUT ${folder}/uwsgi.h CONTENT "${text}" @ONLY)
  set(${header} ${folder} PARENT_SCOPE)
  separate_arguments(printed UNIX_COMMAND "${printed}")
  set(${flags} "${printed}" PARENT_SCOPE)
endfunction()

function(forksafe_add_uwsgi_binding target folder)
  _forksafe_check_uwsgi_modifier()
  _forksafe_ask_uwsgi(${CMAKE_BINARY_DIR}/forksafe/uwsgi header flags)
  set(definitions ${flags})
  list(FILTER definitions INCLUDE REGEX "^-D")
  list(TRANSFORM definitions REPLACE "^-D" "")
  set(directories ${flags})
  list(FILTER directories INCLUDE REGEX "^-I/")
  list(TRANSFORM directories REPLACE "^-I" "")

  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES
      ${folder}/binding.cppm
      ${folder}/state.cppm
    PRIVATE
      ${folder}/children.cpp
      ${folder}/load.cpp
      ${folder}/options.cpp
      ${folder}/processes.cpp
      ${folder}/request.cpp
      ${folder}/sockets.cpp
      ${folder}/start.cpp)
  target_compile_definitions(${target} PRIVATE ${definitions})
  target_include_directories(${target} SYSTEM PRIVATE ${header} ${directories})
  # The folder comes after the system's headers: uwsgi.h includes headers of many libraries, and none has to be installed.
  target_compile_options(${target} PRIVATE -idirafter ${folder}/opaque)
  target_link_libraries(${target} PUBLIC ${CMAKE_DL_LIBS})
endfunction()

# uWSGI looks up the symbol NAME_plugin, and loads all plugins into one namespace of symbols. No other symbol may be visible:
# two applications in one uWSGI would share their state.
function(forksafe_add_uwsgi_artefact target name entry)
  set(visible ${CMAKE_CURRENT_BINARY_DIR}/${target}.symbols)
  file(CONFIGURE OUTPUT ${visible} CONTENT "{ global: ${name}_plugin; local: *; };\n" @ONLY)
  add_library(${target} MODULE ${entry})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name}_plugin SUFFIX .so LINK_DEPENDS ${visible})
  target_link_options(${target} PRIVATE LINKER:--version-script=${visible})
endfunction()

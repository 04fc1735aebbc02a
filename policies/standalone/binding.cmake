# SPDX-License-Identifier: MIT
# The embedded pre-forking server: an executable that needs no other container.
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS program_options GLOBAL)

function(forksafe_add_standalone_binding target folder)
  add_library(${target} STATIC)
  target_sources(${target}
    PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES
      ${folder}/binding.cppm
      ${folder}/hooks.cppm
      ${folder}/board.cppm
      ${folder}/listener.cppm
      ${folder}/options.cppm
      ${folder}/reader.cppm
      ${folder}/signals.cppm
      ${folder}/slots.cppm
      ${folder}/worker.cppm
      ${folder}/supervision.cppm
    PRIVATE FILE_SET internal TYPE CXX_MODULES BASE_DIRS ${folder} FILES
      ${folder}/conversation.cppm
    PRIVATE
      ${folder}/board.cpp
      ${folder}/command_line.cpp
      ${folder}/conversation.cpp
      ${folder}/http.cpp
      ${folder}/listener.cpp
      ${folder}/master.cpp
      ${folder}/message.cpp
      ${folder}/options.cpp
      ${folder}/orphans.cpp
      ${folder}/overdue.cpp
      ${folder}/reader.cpp
      ${folder}/server.cpp
      ${folder}/signals.cpp
      ${folder}/slots.cpp
      ${folder}/streams.cpp
      ${folder}/worker.cpp)
  set_source_files_properties(${folder}/command_line.cpp PROPERTIES
    COMPILE_DEFINITIONS FORKSAFE_VERSION="${forksafe_VERSION}")
  target_link_libraries(${target} PRIVATE Boost::program_options)
endfunction()

function(forksafe_add_standalone_artefact target name entry)
  add_executable(${target} ${entry})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name})
endfunction()

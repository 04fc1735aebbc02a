# SPDX-License-Identifier: MIT
# A user's container: an executable that forks a task for each job.

function(forksafe_add_batch_binding target folder)
  add_library(${target} STATIC)
  target_sources(${target} PUBLIC FILE_SET CXX_MODULES BASE_DIRS ${folder} FILES ${folder}/binding.cppm)
endfunction()

function(forksafe_add_batch_artefact target name entry)
  add_executable(${target} ${entry})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name})
endfunction()

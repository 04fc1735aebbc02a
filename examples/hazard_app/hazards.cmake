# SPDX-License-Identifier: MIT
# One program, once without and once with forksafe.
set(lacking_components "")
foreach(component IN ITEMS hiredis libpq locks random thread_pool)
  forksafe_add_component(${component} lacking)
  if(lacking)
    list(APPEND lacking_components ${lacking})
  endif()
endforeach()
if(lacking_components)
  message(STATUS "examples/hazards cannot be built: ${lacking_components}")
  return()
endif()

set(folder ${CMAKE_CURRENT_LIST_DIR})
add_library(hazards STATIC)
target_sources(hazards PUBLIC FILE_SET CXX_MODULES FILES ${folder}/hazards.cppm PRIVATE ${folder}/hazards.cpp)
target_link_libraries(hazards PUBLIC forksafe::hiredis forksafe::libpq)
forksafe_add_app(hazards_bare TYPE bare::Bare MODULE bare MODULES ${folder}/bare.cppm SOURCES ${folder}/bare.cpp
  LIBRARIES hazards CONTAINERS standalone)
forksafe_add_app(hazards_safe TYPE safe::Safe MODULE safe MODULES ${folder}/safe.cppm SOURCES ${folder}/safe.cpp
  LIBRARIES hazards forksafe::locks forksafe::random forksafe::thread_pool CONTAINERS standalone)

# SPDX-License-Identifier: MIT
# How pip builds the Python package: with scikit-build-core, which includes this before the project begins.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(BUILD_TESTING OFF)
set(FORKSAFE_CONTAINER python)

function(forksafe_add_wheel)
  target_sources(forksafe PRIVATE policies/python/json.cpp)
  set_source_files_properties(policies/python/json.cpp PROPERTIES CXX_SCAN_FOR_MODULES OFF)
  forksafe_add_app(core TYPE forksafe::python::Core MODULES policies/python/core.cppm)
  # Each mapping makes every fork of a worker longer: the libraries of C++ come along, and code shares its mapping with data.
  target_link_options(core PRIVATE -static-libstdc++ -static-libgcc LINKER:-z,noseparate-code LINKER:--gc-sections)
  install(TARGETS core LIBRARY DESTINATION forksafe COMPONENT wheel)
  # A folder of its own at the end of sys.path, so that the package whose name it has counts where that is installed.
  install(DIRECTORY policies/python/alias/ DESTINATION forksafe_alias COMPONENT wheel)
  install(FILES policies/python/forksafe.pth DESTINATION . COMPONENT wheel)
endfunction()

# SPDX-License-Identifier: MIT
# Sets up the build of the Python package by pip: scikit-build-core includes this file before the project begins.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(BUILD_TESTING OFF)
set(FORKSAFE_CONTAINER python)

# FORKSAFE_CXX in the environment names the compiler, or CXX does if it names a Clang. The default is Clang 19. CXX may name
# another compiler, because scikit-build-core sets an empty one to the compiler of Python itself.
if(NOT CMAKE_CXX_COMPILER)
  set(compiler clang++-19)
  if(NOT "$ENV{FORKSAFE_CXX}" STREQUAL "")
    set(compiler "$ENV{FORKSAFE_CXX}")
  elseif("$ENV{CXX}" MATCHES "clang")
    set(compiler "$ENV{CXX}")
  endif()
  find_program(forksafe_compiler ${compiler} NO_CACHE)
  if(NOT forksafe_compiler)
    message(FATAL_ERROR "There is no compiler ${compiler}: forksafe is made of C++ modules, which Clang 19 and later compile. "
      "Install it (Debian, Ubuntu: apt install clang-19 clang-tools-19), or name another one in the environment variable CXX")
  endif()
  set(CMAKE_CXX_COMPILER ${forksafe_compiler})
endif()
find_path(forksafe_boost boost/version.hpp NO_CACHE)
if(NOT forksafe_boost AND NOT Boost_DIR AND NOT Boost_ROOT AND NOT CMAKE_PREFIX_PATH AND NOT DEFINED ENV{Boost_ROOT})
  message(FATAL_ERROR "There are no headers of Boost 1.81 or later: install them (Debian, Ubuntu: apt install libboost-dev), or "
    "name their folder in the environment variable Boost_ROOT")
endif()

function(forksafe_add_wheel)
  target_sources(forksafe PRIVATE policies/python/json.cpp)
  set_source_files_properties(policies/python/json.cpp PROPERTIES CXX_SCAN_FOR_MODULES OFF)
  forksafe_add_app(core TYPE forksafe::python::Core MODULES policies/python/core.cppm)
  # Each mapping makes every fork of a worker longer. So the libraries of C++ are linked in, and code shares its mapping with
  # data.
  target_link_options(core PRIVATE -static-libstdc++ -static-libgcc LINKER:-z,noseparate-code LINKER:--gc-sections)
  install(TARGETS core LIBRARY DESTINATION forksafe COMPONENT wheel)
  # The alias is a separate folder at the end of sys.path, so that the original package comes first if it is installed. The
  # module of the same name is for folders in which no .pth file is read.
  install(DIRECTORY policies/python/alias/ DESTINATION forksafe_alias COMPONENT wheel)
  install(FILES policies/python/forksafe.pth policies/python/pyramid_forksafe.py DESTINATION . COMPONENT wheel)
endfunction()

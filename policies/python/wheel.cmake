# SPDX-License-Identifier: MIT
# How pip builds the Python package: with scikit-build-core, which includes this before the project begins.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(BUILD_TESTING OFF)
set(FORKSAFE_CONTAINER python)

function(forksafe_add_wheel)
  forksafe_add_app(core TYPE forksafe::python::Core MODULES policies/python/core.cppm)
  install(TARGETS core LIBRARY DESTINATION forksafe COMPONENT wheel)
  # A folder of its own at the end of sys.path, so that the package whose name it has counts where that is installed.
  install(DIRECTORY policies/python/alias/ DESTINATION forksafe_alias COMPONENT wheel)
  install(FILES policies/python/forksafe.pth DESTINATION . COMPONENT wheel)
endfunction()
